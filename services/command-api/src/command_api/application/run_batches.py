"""Commands on many runs at once: rows 4 to 6 of the REST contract. Ids of no run are left out; they make nothing."""

from collections.abc import Callable, Sequence

from command_api.application.answers import Decided, decide
from command_api.application.lookups import existing_runs
from command_api.application.ports import Caller, Tools
from command_api.application.recording import ToAppend
from contracts.errors import ValidationFailed
from contracts.events import RunArchived, RunDeleted, RunEvent, RunFinished, RunUnarchived
from contracts.rest.bounds import MAX_SERIES_ASKED


async def delete_runs(tools: Tools, caller: Caller, run_ids: Sequence[str]) -> Decided | None:
    """None if none of the ids is one of a run."""
    return await _to_each(tools, caller, run_ids, RunDeleted)


async def archive_runs(tools: Tools, caller: Caller, run_ids: Sequence[str], *, archived: bool) -> Decided | None:
    """An event of each run, also of one whose flag stays as it is."""
    return await _to_each(tools, caller, run_ids, RunArchived if archived else RunUnarchived)


async def finish_runs(tools: Tools, caller: Caller, run_ids: Sequence[str]) -> Decided | None:
    """A run that has ended keeps its end."""
    now = tools.clock()
    return await _to_each(tools, caller, run_ids, lambda: RunFinished(at=now, reason="user"))


async def _to_each(
    tools: Tools, caller: Caller, run_ids: Sequence[str], event: Callable[[], RunEvent]
) -> Decided | None:
    """An event that comes too late, because its run is gone by then, changes nothing and is no error."""
    if len(run_ids) > MAX_SERIES_ASKED:
        raise ValidationFailed(f"A request may not name more than {MAX_SERIES_ASKED} runs")
    found = await existing_runs(tools, run_ids)
    if not found:
        return None
    return await decide(tools, caller, [ToAppend(event(), run_id) for run_id in found])
