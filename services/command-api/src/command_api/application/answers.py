"""Append a mutation's events, wait for what the fold decided, and answer with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from command_api.application.ports import Caller, Tools
from command_api.application.recording import Appended, ToAppend, append
from contracts.errors import BadRequest, Conflict, InvalidEvent, NotFound, TallybookError
from contracts.position import encode_token
from contracts.read_models import HistoryEntry

RUN_NOT_FOUND = "Run not found."
"""What every route of a run answers where there is none."""

DUPLICATE = "duplicate"
"""The fold's reason for ignoring a repeat: what was asked for is so already."""


@dataclass(frozen=True, slots=True)
class Decided:
    """position: token of what was written. visible: False if no view showed it in time (the write is durable).

    outcomes: one per event, None where the view did not show it in time.
    """

    position: str
    visible: bool
    outcomes: list[HistoryEntry | None] = field(default_factory=list)

    def refusal(self) -> HistoryEntry | None:
        """The first event that took no effect."""
        return next((outcome for outcome in self.outcomes if outcome is not None and not _took_effect(outcome)), None)


async def decide(tools: Tools, caller: Caller, items: Sequence[ToAppend], created: Sequence[Appended] = ()) -> Decided:
    """Raises nothing for an ignored event: the caller knows what a lost race means to it.

    created: creations in the catalog that these events refer to and that no view showed yet. Their outcome does not
    matter (another creation of the name serves as well), but who reads next must find the name.
    """
    appended = await append(tools, caller, items)
    before = [event_id for creation in created for event_id in creation.event_ids]
    outcomes = await tools.outcomes.wait([*before, *appended.event_ids])
    positions = [*(position for creation in created for position in creation.positions), *appended.positions]
    visible = all(outcome is not None for outcome in outcomes)
    return Decided(encode_token(positions), visible, outcomes[len(before) :])


async def carry_out(
    tools: Tools,
    caller: Caller,
    items: Sequence[ToAppend],
    created: Sequence[Appended] = (),
    *,
    missing: str = RUN_NOT_FOUND,
) -> Decided:
    """As `decide`, but the first event that took no effect becomes an error; `missing` is the text of a 404."""
    decided = await decide(tools, caller, items, created)
    refusal = decided.refusal()
    if refusal is not None:
        raise error_for(refusal, missing)
    return decided


def error_for(refusal: HistoryEntry, missing: str) -> TallybookError:
    """What the caller of a lost race is told. An event of ours that can never be applied is our own fault."""
    reason = refusal.reason or ""
    if refusal.outcome == "invalid":
        return InvalidEvent(reason)
    if refusal.code == "not_found":
        return NotFound(missing)
    return Conflict(reason) if refusal.code == "conflict" else BadRequest(reason)


def _took_effect(outcome: HistoryEntry) -> bool:
    return outcome.outcome == "applied" or (outcome.outcome == "ignored" and outcome.reason == DUPLICATE)
