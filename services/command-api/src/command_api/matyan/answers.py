"""What a client is told about a frame: one small object for each (source: the ingestion contract, 1.2). Pure."""

from collections.abc import Iterable, Sequence

import msgspec

from contracts.rest.ingest import RejectedMessage

_SHOWN_REASONS = 5
_SHOWN_RANGES = 100
_OK = '{"status":"ok","error":null}'
_MAX_REASON = 200
"""Characters; a client logs the text as one line and refuses answers above 1 MiB."""


class Answer(msgspec.Struct, frozen=True):
    """error: None if every message was taken. stored: whether what was valid is in the log."""

    error: str | None = None
    stored: bool = True
    accepted: int = 0
    rejected: int = 0

    def text(self) -> str:
        """The frame to send."""
        if self.error is None:
            return _OK
        return msgspec.json.encode({"status": "error", "error": self.error}).decode()


def taken(accepted: int, rejected: Sequence[RejectedMessage]) -> Answer:
    """For a frame of which every valid message is in the log."""
    if not rejected:
        return Answer(accepted=accepted)
    return Answer(_rejections(accepted, rejected), accepted=accepted, rejected=len(rejected))


def not_taken(reason: str) -> Answer:
    return Answer(reason[:_MAX_REASON], stored=False)


def _rejections(accepted: int, rejected: Sequence[RejectedMessage]) -> str:
    reasons = "; ".join(f"{each.index}: {each.message[:_MAX_REASON]}" for each in rejected[:_SHOWN_REASONS])
    if accepted + len(rejected) == 1:
        return f"not taken: {rejected[0].message[:_MAX_REASON]}"
    more = "; ..." if len(rejected) > _SHOWN_REASONS else ""
    indexes = _ranges(each.index for each in rejected)
    return f"{accepted} messages taken, not those with index {indexes} ({reasons}{more})"


def _ranges(indexes: Iterable[int]) -> str:
    """`0, 3-5`, cut off where it becomes long."""
    ranges: list[list[int]] = []
    for index in indexes:
        if ranges and ranges[-1][1] == index - 1:
            ranges[-1][1] = index
        else:
            ranges.append([index, index])
    shown = [str(low) if low == high else f"{low}-{high}" for low, high in ranges[:_SHOWN_RANGES]]
    return ", ".join([*shown, "..."] if len(ranges) > _SHOWN_RANGES else shown)
