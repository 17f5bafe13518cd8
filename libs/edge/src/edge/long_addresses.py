"""HTTP/1.1 with addresses of any length that a search needs. What a longer query means, its handler decides.

The parser takes an address of 65,535 bytes at most, percent-encoding included; the pages send the ids of all selected
runs in one query, and a longer one has to be refused in the envelope, not by the parser's plain text.
"""

from edge.silent_readers import PatientProtocol

_PARSED_BYTES = 65_535
_LONGEST_NAME_BYTES = 4_096
_MOST_BYTES = 4 << 20


class LongAddresses(PatientProtocol):
    """Name it as `http` in uvicorn's settings. It looks at nothing but addresses over the limit."""

    def on_url(self, url: bytes) -> None:
        # The parser turns this into its own refusal and closes: nobody may fill the memory with an address.
        if len(self.url) + len(url) > _MOST_BYTES:
            raise ValueError(f"an address of more than {_MOST_BYTES} bytes")
        super().on_url(url)

    def on_headers_complete(self) -> None:
        address = self.url
        path, _, query = address.partition(b"?")
        if len(address) <= _PARSED_BYTES:
            super().on_headers_complete()
            return
        # Nothing that we keep has so long a name, so a name that was cut is not known either.
        self.url = b"/".join(name[:_LONGEST_NAME_BYTES] for name in path.split(b"/"))[:_PARSED_BYTES]
        super().on_headers_complete()
        # The request's task was made but has not begun, and this is the dict that it has.
        self.scope["query_string"] = query.partition(b"#")[0]
        self.url = address
