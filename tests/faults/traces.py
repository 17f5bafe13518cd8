"""What strace wrote down, as calls in their order: when each began, when it ended, on which file.

Read are the lines of `strace -f -y -o FILE`, where one call that others interrupt has two lines.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

SYSTEM_CALLS = (
    "write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,sendmmsg,sendfile,"
    "fsync,fdatasync,sync_file_range,rename,renameat,renameat2"
)
"""For `-e trace=`: all that puts bytes or names somewhere, and all that makes them durable."""

_WRITES = frozenset({"write", "pwrite64", "writev", "pwritev", "pwritev2", "sendto", "sendmsg", "sendmmsg", "sendfile"})
_SYNCS = frozenset({"fsync", "fdatasync"})
_RENAMES = frozenset({"rename", "renameat", "renameat2"})

_LINE = re.compile(r"(?P<thread>\d+)\s+(?P<rest>.*)")
_BEGUN = re.compile(r"(?P<name>[a-z]\w*)\((?P<text>.*)")
_RESUMED = re.compile(r"<\.\.\. (?P<name>\w+) resumed>(?P<text>.*)")
_RESULT = re.compile(r"\)\s+= (?P<result>-?\d+|\?)(?: E[A-Z0-9]+ \(.*\))?(?: \(.*\))?$")
_UNFINISHED = " <unfinished ...>"
_DESCRIPTOR = re.compile(r"-?\d+<(?P<path>(?:->|\\.|[^>\\])*)>")
_QUOTED = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)"')


class BadTrace(ValueError):
    """A line that is no line of a trace; nothing can be concluded from the rest either."""


@dataclass(frozen=True)
class Call:
    """began, ended: places in one order of all that happened. ended, result: None if the process died in the call.

    path: of the first file descriptor, "" if the call has none; a socket's is `socket:[...]` or names its addresses.
    text: everything between the brackets, bytes as strace writes them.
    """

    thread: int
    name: str
    path: str
    text: str
    began: int
    ended: int | None = None
    result: int | None = None

    @property
    def writes(self) -> bool:
        return self.name in _WRITES

    @property
    def syncs(self) -> bool:
        """A sync that succeeded: one that failed has promised nothing."""
        return self.name in _SYNCS and self.result == 0

    @property
    def renamed(self) -> tuple[str, str] | None:
        """The old and the new path of a rename that succeeded; None for every other call. No slash at their ends."""
        if self.name not in _RENAMES or self.result != 0:
            return None
        folders = [found["path"] for found in _DESCRIPTOR.finditer(self.text)] or [""]
        names = [found["text"] for found in _QUOTED.finditer(self.text)]
        if len(names) != 2:
            raise BadTrace(f"a rename of {len(names)} names: {self.text}")
        old, new = (
            str(PurePosixPath(folder) / name) for folder, name in zip((folders[0], folders[-1]), names, strict=True)
        )
        return old, new


def read_trace(lines: Iterable[str]) -> list[Call]:
    """The calls in the order in which they began. Raises BadTrace.

    Of two lines the earlier one happened earlier: a thread waits at the beginning and the end of each call until the
    tracer has written it down.
    """
    calls: dict[int, Call] = {}
    open_calls: dict[int, Call] = {}
    for place, thread, rest in _numbered(lines):
        if rest.startswith(("+++", "---")):  # the end of a thread, a signal
            continue
        call, has_ended = _begun_or_resumed(open_calls, place, thread, rest)
        calls[call.began] = call
        if has_ended:
            open_calls.pop(thread, None)
        else:
            open_calls[thread] = call
    return [calls[began] for began in sorted(calls)]


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, int, str]]:
    for place, line in enumerate(lines):
        matched = _LINE.fullmatch(line.rstrip("\n"))
        if matched is None:
            raise BadTrace(f"line {place + 1} names no thread: {line!r}")
        yield place, int(matched["thread"]), matched["rest"]


def _begun_or_resumed(open_calls: dict[int, Call], place: int, thread: int, rest: str) -> tuple[Call, bool]:
    """The call as far as it is known now, and whether it ended."""
    resumed = _RESUMED.fullmatch(rest)
    if resumed is not None:
        begun = open_calls.get(thread)
        if begun is None or begun.name != resumed["name"]:
            raise BadTrace(f"line {place + 1} resumes what never began: {rest}")
        return _ended(begun, begun.text + resumed["text"], place), True
    started = _BEGUN.fullmatch(rest)
    if started is None:
        raise BadTrace(f"line {place + 1} is no call: {rest}")
    text = started["text"]
    is_open = text.endswith(_UNFINISHED)
    call = Call(thread, started["name"], _path(text), text.removesuffix(_UNFINISHED), began=place)
    # A process that was killed leaves a last line without an end.
    if is_open or _RESULT.search(text) is None:
        return call, False
    return _ended(call, text, place), True


def _ended(call: Call, text: str, place: int) -> Call:
    found = _RESULT.search(text)
    if found is None:
        raise BadTrace(f"line {place + 1} ends without a result: {text}")
    result = None if found["result"] == "?" else int(found["result"])
    ended = None if result is None else place
    return Call(call.thread, call.name, call.path, text[: found.start()], call.began, ended, result)


def _path(text: str) -> str:
    matched = _DESCRIPTOR.match(text)
    return "" if matched is None else matched["path"]
