"""What happened to each event that is not bulk data, and to every event that was not applied."""

from typing import Literal

import msgspec

Outcome = Literal["applied", "ignored", "invalid"]


CLAIMED = "claimed"
"""The actor of an event of which no trusted ingress said whose it is."""


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`_id` is the event's id; written after the views that it describes. key: run id or the catalog's key."""

    id: str = msgspec.field(name="_id")
    version: int = msgspec.field(name="_v")
    topic: str
    partition: int
    offset: int
    key: str
    type: str
    recorded_at: float
    actor: str | None
    """As a trusted ingress named it, or CLAIMED; None in entries that were written before the two were told apart."""
    request_id: str | None
    outcome: Outcome
    reason: str | None
    code: str | None
    """Of an event that was ignored: the error code a waiting caller answers with (bad_request, not_found, conflict)."""
    entity_id: str | None = None
    """Of a creation that lost to an earlier one of its name: the winner's id."""
