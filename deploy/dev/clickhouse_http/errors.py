"""Errors of the development server in ClickHouse's own terms: a numeric code, a text, an HTTP status."""

import re
from http import HTTPStatus

UNKNOWN_TYPE_OF_BODY = 117
NOT_IMPLEMENTED = 48
TOO_MANY_QUERIES = 202
UNKNOWN_FORMAT_OF_ENCODING = 638
INTERNAL = 1002

_CODE = re.compile(r"Code: (\d+)\.")

# The statuses that a ClickHouse server gives to the codes that a client of ours can meet; every other code is a 500.
_STATUS_BY_CODE = {
    **dict.fromkeys((6, 26, 27, 38, 41, 43, 53, 62, 70, 115, 117, 386, 456, 457, 638), HTTPStatus.BAD_REQUEST),
    **dict.fromkeys((16, 46, 47, 50, 60, 63, 71, 81), HTTPStatus.NOT_FOUND),
    **dict.fromkeys((48,), HTTPStatus.NOT_IMPLEMENTED),
    **dict.fromkeys((202,), HTTPStatus.SERVICE_UNAVAILABLE),
}


class QueryFailed(Exception):
    """A statement was refused or failed; `text` reads as ClickHouse writes it (`Code: N. DB::Exception: …`)."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        start = text.find("Code: ")
        self.text = text[start:] if start > 0 else text
        found = _CODE.search(self.text)
        self.code = int(found.group(1)) if found else INTERNAL

    @classmethod
    def of(cls, code: int, reason: str) -> "QueryFailed":
        """An error that this server raises itself."""
        return cls(f"Code: {code}. DB::Exception: {reason}")

    @property
    def status(self) -> HTTPStatus:
        return _STATUS_BY_CODE.get(self.code, HTTPStatus.INTERNAL_SERVER_ERROR)
