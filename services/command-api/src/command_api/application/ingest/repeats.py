"""Batches that come again: a name of theirs that was deleted meanwhile must not be made anew.

The fold drops what a run has met, but names are made before it decides, and in another part of the log.
"""

from collections.abc import Sequence
from typing import NamedTuple

from command_api.application.ingest.translate import Step
from command_api.application.lookups import of_run
from command_api.application.ports import Tools
from contracts.batch_memory import seen
from contracts.envelope import Dedupe
from contracts.errors import Unavailable
from contracts.keys import batch_key
from contracts.position import Position, split_version
from contracts.read_models import RunBatches


class Unmet(NamedTuple):
    """steps: those that the run has not met. shown: up to where the views hold what it met, if anything."""

    steps: Sequence[Step]
    shown: Sequence[Position] = ()


async def unmet(tools: Tools, run_id: str, batch: str, steps: Sequence[Step]) -> Unmet:
    """What is left to take of a batch. All of it where the views cannot tell: nothing may be lost."""
    known = await _surely_known(tools, run_id, batch)
    if known is None:
        return Unmet(steps)
    place, (generation, offset) = of_run(run_id), split_version(known.version)
    left = [step for step in steps if not seen(known.batches, Dedupe(batch, step.index, step.part))]
    return Unmet(left, [Position(generation, place.topic, place.partition, offset)])


async def _surely_known(tools: Tools, run_id: str, batch: str) -> RunBatches | None:
    """Only what looks like a repeat waits for the views, until they hold what the log held of the run.

    The run may have been deleted and its id freed there: then the batch begins a new run.
    """
    try:
        if await _known(tools, run_id, batch) is None or not await tools.catch_up({of_run(run_id)}):
            return None
        return await _known(tools, run_id, batch)
    except Unavailable:
        return None


async def _known(tools: Tools, run_id: str, batch: str) -> RunBatches | None:
    known = await tools.views.batches(run_id)
    return known if known is not None and known.phase == "live" and batch_key(batch) in known.batches else None
