"""What names a tag or an experiment comes again, after the name was deleted and in a run that may have changed."""

import json
from typing import Any

import pytest
from tests.unit.command_api.support import CALLER, RUN, Desk

from command_api.application.ingest.handler import ingest
from command_api.application.lookups import of_run
from contracts.envelope import Dedupe
from contracts.events import PointsTracked, RunTagged, TagCreated
from contracts.position import Position, decode_token
from contracts.read_models import RunBatches
from contracts.rest.ingest import Ingested
from projector.fold.batches import remember

METRIC = {"type": "log_metric", "name": "loss", "value": 1.0, "step": 0}
TAG = {"type": "add_tag", "tag_name": "t"}
EXPERIMENT = {"type": "set_run_property", "experiment": "e"}
LARGE = {"type": "log_hparams", "value": {"a": "x" * (1 << 20)}}
VERSION = 1 << 48 | 7


async def again(desk: Desk, *messages: Any, batch: str | None = "b") -> Ingested:
    return await ingest(desk.tools, desk.names, CALLER, RUN, json.dumps(messages).encode(), "application/json", batch)


def having(*dedupes: Dedupe, phase: Any = "live") -> RunBatches:
    memory: dict[int, tuple[bytes, ...]] = {}
    for dedupe in dedupes:
        memory = remember(memory, dedupe)
    return RunBatches(version=VERSION, phase=phase, batches=memory)


def met(*dedupes: Dedupe, phase: Any = "live") -> Desk:
    """The views hold that the run met these."""
    desk = Desk()
    desk.views.met[RUN] = having(*dedupes, phase=phase)
    return desk


@pytest.mark.parametrize("naming", [TAG, EXPERIMENT])
async def test_a_batch_that_the_run_has_met_writes_nothing(naming: dict[str, Any]) -> None:
    desk = met(Dedupe("b", 0), Dedupe("b", 1), Dedupe("b", 2))
    taken = await again(desk, METRIC, naming, LARGE, {"type": "no_such"})
    assert (taken.accepted, [rejected.index for rejected in taken.rejected]) == (3, [3])
    place = of_run(RUN)
    assert decode_token(taken.position) == [Position(1, place.topic, place.partition, 7)]
    assert (desk.faults.reached, desk.blobs.stored) == ([], {})
    assert desk.leases.touched == [RUN]


async def test_of_a_batch_that_was_taken_in_part_the_rest_is_taken() -> None:
    desk = met(Dedupe("b", 1))
    taken = await again(desk, METRIC, TAG, TAG)
    assert [type(event) for event in desk.events] == [PointsTracked, RunTagged, TagCreated]
    assert taken.accepted == 3


async def test_another_batch_is_no_repeat() -> None:
    desk = met(Dedupe("other", 0), Dedupe("other", 1))
    await again(desk, METRIC, TAG)
    assert [type(event) for event in desk.events] == [PointsTracked, RunTagged, TagCreated]
    assert desk.catch_up.waited == [], "what is new waits for nothing"


@pytest.mark.parametrize("phase", ["deleted", "cleared"])
async def test_what_an_incarnation_that_is_gone_met_is_new_to_the_next(phase: str) -> None:
    desk = met(Dedupe("b", 0), phase=phase)
    await again(desk, TAG)
    assert [type(event) for event in desk.events] == [RunTagged, TagCreated]


@pytest.mark.parametrize("behind", [True, False])
async def test_where_the_views_cannot_tell_nothing_is_lost(behind: bool) -> None:
    """They lag behind the log, or cannot be read."""
    desk = met(Dedupe("b", 0))
    desk.catch_up.meanwhile = lambda: not behind
    desk.views.unavailable = not behind
    await again(desk, TAG)
    assert [type(event) for event in desk.events] == [RunTagged, TagCreated]


@pytest.mark.parametrize("now", [None, having(), having(Dedupe("b", 0), phase="cleared")])
async def test_a_run_whose_id_was_freed_in_the_log_begins_anew(now: RunBatches | None) -> None:
    desk = met(Dedupe("b", 0))

    def shown() -> bool:
        desk.views.met = {} if now is None else {RUN: now}
        return True

    desk.catch_up.meanwhile = shown
    await again(desk, TAG)
    assert desk.catch_up.waited == [{of_run(RUN)}]
    assert [type(event) for event in desk.events] == [RunTagged, TagCreated]


async def test_a_client_that_names_no_batch_is_asked_for_none() -> None:
    desk = met(Dedupe("b", 0), Dedupe("", 0))
    await again(desk, TAG, batch=None)
    assert [type(event) for event in desk.events] == [RunTagged, TagCreated]


async def test_a_batch_without_names_goes_to_the_fold() -> None:
    desk = met(Dedupe("b", 0))
    await again(desk, METRIC)
    assert [type(event) for event in desk.events] == [PointsTracked]
