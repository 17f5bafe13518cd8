"""Looking for what a command is about: nothing is called missing while the views are behind the log.

A client that was told that its run is taken may rename, tag or archive it at once, also by way of another process.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import TypeVar

from command_api.application.ports import Tools
from contracts.errors import NotFound, Unavailable, ValidationFailed
from contracts.keys import check_run_id
from contracts.position import TopicPartition
from contracts.topics import CATALOG, CATALOG_KEY, RUNS, partition_for

_T = TypeVar("_T")

OF_CATALOG = TopicPartition(CATALOG, partition_for(CATALOG, CATALOG_KEY))
"""Where everything about experiments, tags, dashboards, apps and reports is written."""


def of_run(run_id: str) -> TopicPartition:
    """Where everything about a run is written."""
    return TopicPartition(RUNS, partition_for(RUNS, run_id))


async def sought(
    tools: Tools, places: Collection[TopicPartition], look: Callable[[], Awaitable[_T | None]]
) -> _T | None:
    """What `look` finds in the views; None means that there is no such thing. places: where it would be written.

    Where it finds nothing it is asked once more when the views hold what the log held meanwhile, which costs a moment
    if they do already. Raises Unavailable if they do not come so far in time: then nobody can tell.
    """
    found = await look()
    if found is not None:
        return found
    await _catch_up(tools, places)
    return await look()


async def existing(
    tools: Tools, places: Collection[TopicPartition], look: Callable[[], Awaitable[_T | None]], missing: str
) -> _T:
    """As `sought`. Raises NotFound with the text `missing` if there is no such thing."""
    found = await sought(tools, places, look)
    if found is None:
        raise NotFound(missing)
    return found


async def existing_runs(tools: Tools, run_ids: Sequence[str]) -> list[str]:
    """Those of the ids under which there is a run, each once, in their order. Raises as `sought` does."""
    wanted = list(dict.fromkeys(run_ids))
    found = await tools.views.existing(wanted)
    known = set(found)
    places = {of_run(run_id) for run_id in wanted if run_id not in known and may_be_a_run(run_id)}
    if not places:
        return found
    await _catch_up(tools, places)
    return await tools.views.existing(wanted)


def may_be_a_run(run_id: str) -> bool:
    """False for an id that no run can have, so that none needs to be looked for."""
    try:
        check_run_id(run_id)
    except ValidationFailed:
        return False
    return True


async def _catch_up(tools: Tools, places: Collection[TopicPartition]) -> None:
    if not await tools.catch_up(places):
        raise Unavailable("The views do not show yet everything that was written; try again")
