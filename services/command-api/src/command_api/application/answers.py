"""Append a mutation's events, wait for what the fold decided, and answer with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from command_api.application.ports import Caller, Tools
from command_api.application.recording import ToAppend, append
from contracts.errors import BadRequest, ClientError, Conflict, NotFound
from contracts.position import encode_token
from contracts.read_models import HistoryEntry

_ERRORS: dict[str, type[ClientError]] = {"bad_request": BadRequest, "not_found": NotFound, "conflict": Conflict}


@dataclass(frozen=True, slots=True)
class Decided:
    """position: token of what was written. visible: False if no view showed it in time (the write is durable).

    outcomes: one per event, None where the view did not show it in time.
    """

    position: str
    visible: bool
    outcomes: list[HistoryEntry | None] = field(default_factory=list)


async def decide(tools: Tools, caller: Caller, items: Sequence[ToAppend]) -> Decided:
    """Raises nothing for an ignored event: the caller knows what a lost race means to it."""
    appended = await append(tools, caller, items)
    outcomes = await tools.outcomes.wait(appended.event_ids)
    return Decided(encode_token(appended.positions), all(o is not None for o in outcomes), outcomes)


async def carry_out(tools: Tools, caller: Caller, items: Sequence[ToAppend]) -> Decided:
    """As `decide`, but the first event that was ignored becomes the error that its code names."""
    decided = await decide(tools, caller, items)
    for outcome in decided.outcomes:
        if outcome is not None and outcome.outcome != "applied":
            raise error_for(outcome)
    return decided


def error_for(outcome: HistoryEntry) -> ClientError:
    return _ERRORS.get(outcome.code or "", BadRequest)(outcome.reason or "")
