"""What operators do with runs in the trash. On the command line alone: no route leads here from the network."""

import msgspec

from command_api.application.answers import carry_out
from command_api.application.lookups import existing, of_run
from command_api.application.ports import Caller, Tools
from command_api.application.recording import ToAppend
from contracts.events import RunPurged, RunUndeleted
from contracts.keys import check_run_id
from contracts.read_models import TrashedRun

_NOT_THERE = "The run is not in the trash."


class RunPurging(msgspec.Struct, frozen=True, kw_only=True):
    """incarnations: those that were purged. visible: False if no view showed it in time; it is done all the same."""

    run_id: str
    incarnations: tuple[int, ...]
    visible: bool


class RunRestored(msgspec.Struct, frozen=True, kw_only=True):
    """visible: as in RunPurging."""

    run_id: str
    visible: bool


class Trash(msgspec.Struct, frozen=True, kw_only=True):
    """runs: what can be taken back or purged, deleted longest ago first."""

    runs: tuple[TrashedRun, ...]


async def list_trash(tools: Tools) -> Trash:
    return Trash(runs=tuple(await tools.views.trash()))


async def purge_run(tools: Tools, caller: Caller, run_id: str) -> RunPurging:
    """Purge everything of the id that lies in the trash. Raises NotFound if nothing does, ValidationFailed."""
    check_run_id(run_id)

    async def look() -> list[TrashedRun] | None:
        return await tools.views.trash(run_id) or None

    trashed = await existing(tools, [of_run(run_id)], look, _NOT_THERE)
    incarnations = tuple(entry.incarnation for entry in trashed)
    events = [ToAppend(RunPurged(incarnation=number), run_id) for number in incarnations]
    decided = await carry_out(tools, caller, events, missing=_NOT_THERE)
    return RunPurging(run_id=run_id, incarnations=incarnations, visible=decided.visible)


async def undelete_run(tools: Tools, caller: Caller, run_id: str) -> RunRestored:
    """Raises NotFound for a run that never was, Conflict for one that lives or was purged, ValidationFailed."""
    decided = await carry_out(tools, caller, [ToAppend(RunUndeleted(), check_run_id(run_id))])
    return RunRestored(run_id=run_id, visible=decided.visible)
