import json
from typing import Any

import pytest
from tests.unit.command_api.support import CALLER, RUN, Desk, catalog, recorded, tag

from command_api.application.ingest.handler import ingest
from contracts.envelope import Dedupe
from contracts.errors import ValidationFailed
from contracts.events import (
    LogRecordsAppended,
    ParamsSet,
    PointsTracked,
    RunCreated,
    RunFinished,
    RunMovedToExperiment,
    RunNoteAdded,
    RunNoteEdited,
    RunTagged,
    RunUntagged,
    TagCreated,
)
from contracts.keys import blob_key
from contracts.position import decode_token
from contracts.rest.ingest import Ingested
from contracts.trees import StoredValue, set_aside, unpack
from stores.errors import LogFull, StoreUnavailable

JSON = "application/json"


async def send(desk: Desk, *messages: Any, batch: str | None = None) -> Ingested:
    return await ingest(desk.tools, desk.names, CALLER, RUN, json.dumps(messages).encode(), JSON, batch)


def metric(step: int) -> dict[str, Any]:
    return {"type": "log_metric", "name": "loss", "value": 1.0, "step": step}


async def test_the_answer_counts_and_names() -> None:
    desk = Desk()
    taken = await send(desk, {"type": "create_run"}, {"type": "log_nothing"}, metric(0))
    assert taken.accepted == 2
    assert [(r.index, r.message) for r in taken.rejected] == [(1, "unknown type 'log_nothing'")]
    assert [position.offset for position in decode_token(taken.position)] == [1]
    assert [type(event) for event in desk.events] == [RunCreated, PointsTracked]


async def test_it_does_not_wait_for_any_view() -> None:
    desk = Desk()
    desk.views.unavailable = True
    await send(desk, {"type": "create_run"}, {"type": "add_tag", "tag_name": "a"})
    assert desk.outcomes.waited == []


async def test_all_events_of_a_request_are_appended_at_once() -> None:
    desk = Desk()
    await send(desk, {"type": "create_run"}, metric(0), {"type": "finish_run"})
    assert desk.faults.reached == ["log.append"]


async def test_tags_and_experiments_get_the_ids_of_the_catalog_or_new_ones() -> None:
    desk = Desk(known=catalog([tag("t-1", "known")], aliases={"a-1": "t-1"}))
    taken = await send(
        desk,
        {"type": "add_tag", "tag_name": "known"},
        {"type": "add_tag", "tag_name": "new"},
        {"type": "set_run_property", "experiment": "e"},
        {"type": "set_run_property", "experiment": ""},
        {"type": "remove_tag", "tag_name": "known"},
        {"type": "remove_tag", "tag_name": "never"},
    )
    assert desk.events[:6] == [
        RunTagged(tag_id="t-1", name="known", by="client"),
        RunTagged(tag_id="id-1", name="new", by="client"),
        RunMovedToExperiment(experiment_id="id-2", by="client"),
        RunMovedToExperiment(experiment_id=None, by="client"),
        RunUntagged(tag_ids=("t-1", "a-1"), name="known", by="client"),
        RunUntagged(tag_ids=(), name="never", by="client"),
    ]
    assert len(decode_token(taken.position)) == 2


async def test_a_name_is_asked_for_once_a_request() -> None:
    desk = Desk()
    await send(desk, *[{"type": "add_tag", "tag_name": "new"}] * 20)
    assert [event for event in desk.events if isinstance(event, TagCreated)] == [TagCreated(tag_id="id-1", name="new")]
    assert len(desk.events) == 21


async def test_every_event_of_a_named_batch_says_which_message_it_came_from() -> None:
    desk = Desk()
    await send(
        desk,
        metric(0),
        {"type": "set_run_property", "name": "n", "archived": True},
        {"type": "add_tag", "tag_name": "a"},
        batch="batch-1",
    )
    dedupes = [each.header.dedupe for each in recorded(desk.log)]
    assert dedupes == [
        Dedupe("batch-1", 0),
        Dedupe("batch-1", 1, 0),
        Dedupe("batch-1", 1, 1),
        Dedupe("batch-1", 2),
        None,  # the tag's creation repeats harmlessly by itself
    ]


async def test_a_repeat_of_a_batch_makes_the_same_events() -> None:
    desk = Desk()
    messages = [metric(step) for step in range(20_000)]
    await send(desk, *messages, {"type": "finish_run"}, batch="b")
    await send(desk, *messages, {"type": "finish_run"}, batch="b")
    made = [(each.event, each.header.dedupe) for each in recorded(desk.log)]
    assert len(made) == 6
    assert made[:3] == made[3:]


async def test_without_a_batch_nothing_is_deduplicated() -> None:
    desk = Desk()
    await send(desk, {"type": "finish_run"})
    assert recorded(desk.log)[0].header.dedupe is None


@pytest.mark.parametrize("batch", ["", "x" * 257])
async def test_a_batch_id_has_a_length(batch: str) -> None:
    desk = Desk()
    with pytest.raises(ValidationFailed, match="Idempotency-Key"):
        await send(desk, {"type": "finish_run"}, batch=batch)


@pytest.mark.parametrize("body", [b"[]", b'[{"type":"x"},{"type":"add_tag"}]', b'{"a":1}', b"{", b"3"])
async def test_a_request_without_a_valid_message_is_refused_and_writes_nothing(body: bytes) -> None:
    desk = Desk()
    with pytest.raises(ValidationFailed):
        await ingest(desk.tools, desk.names, CALLER, RUN, body, JSON, None)
    assert desk.faults.reached == []


async def test_a_refusal_does_not_list_a_million_messages() -> None:
    with pytest.raises(ValidationFailed) as raised:
        await send(Desk(), *[{"type": "x"}] * 1_000)
    assert len(raised.value.message) < 1_000


@pytest.mark.parametrize("run_id", ["progress_1", "..", "a/b", "", "x" * 129, "ü"])
async def test_a_run_id_is_checked_first(run_id: str) -> None:
    desk = Desk()
    with pytest.raises(ValidationFailed, match="run_id"):
        await ingest(desk.tools, desk.names, CALLER, run_id, b'{"type":"create_run"}', JSON, None)


async def test_a_big_body_is_translated_beside_the_loop() -> None:
    desk = Desk()
    await send(desk, *[metric(step) for step in range(2_000)])
    assert desk.beside_loop.calls == 1
    await send(desk, metric(0))
    assert desk.beside_loop.calls == 1


async def test_an_item_that_no_record_can_hold_is_named_and_the_rest_is_taken() -> None:
    desk = Desk()
    taken = await send(desk, {"type": "log_hparams", "value": {"x" * (1 << 20): 1}}, {"type": "finish_run"})
    assert [rejected.index for rejected in taken.rejected] == [0]
    assert [type(event) for event in desk.events] == [RunFinished]


@pytest.mark.parametrize("error", [LogFull, StoreUnavailable])
async def test_a_log_that_takes_nothing_fails_the_request_whole(error: type[StoreUnavailable]) -> None:
    desk = Desk()
    desk.faults.fail_next(lambda: error("away"))
    with pytest.raises(error):
        await send(desk, metric(0), {"type": "finish_run"})
    assert desk.events == []


async def test_a_message_that_says_nothing_is_accepted() -> None:
    desk = Desk()
    taken = await send(desk, {"type": "log_hparams", "value": {}})
    assert (taken.accepted, taken.rejected) == (1, [])
    assert desk.events == []


def record(**fields: Any) -> dict[str, Any]:
    return {"type": "log_record", "message": "m", "level": 20, "timestamp": 5.0, **fields}


async def test_the_same_frame_again_means_the_same_records() -> None:
    desk = Desk()
    for _ in range(2):
        await send(desk, metric(0), record(), record(), {"type": "finish_run"})
    await send(desk, metric(1), record())
    dedupes = [each.header.dedupe for each in recorded(desk.log) if isinstance(each.event, LogRecordsAppended)]
    assert dedupes[0] == dedupes[1]
    assert dedupes[0] is not None
    assert (dedupes[0].index, dedupes[0].part) == (1, 0)
    assert dedupes[2] is not None
    assert dedupes[2].batch != dedupes[0].batch
    others = [each.header.dedupe for each in recorded(desk.log) if not isinstance(each.event, LogRecordsAppended)]
    assert set(others) == {None}


async def test_a_frame_without_times_may_mean_other_records() -> None:
    desk = Desk()
    await send(desk, record(timestamp=None))
    assert recorded(desk.log)[0].header.dedupe is None


async def test_a_name_that_the_client_gave_its_batch_counts_for_records_too() -> None:
    desk = Desk()
    await send(desk, record(), batch="b")
    assert recorded(desk.log)[0].header.dedupe == Dedupe("b", 0)


async def test_a_note_gets_an_id_and_a_later_change_is_an_event_of_its_own() -> None:
    desk = Desk()
    await send(
        desk,
        {"type": "note", "content": "a", "created_at": 5.0, "updated_at": 6.0},
        {"type": "note", "content": "a", "created_at": 5.0},
        batch="b",
    )
    assert desk.events == [
        RunNoteAdded(note_id="id-1", content="a", at=5.0, by="client"),
        RunNoteEdited(note_id="id-1", content="a", at=6.0),
        RunNoteAdded(note_id="id-2", content="a", at=5.0, by="client"),
    ]
    dedupes = [each.header.dedupe for each in recorded(desk.log)]
    assert dedupes == [Dedupe("b", 0, 0), Dedupe("b", 0, 1), Dedupe("b", 1, 0)]


LARGE = {"type": "log_hparams", "value": {"a": "x" * (1 << 20)}}


async def test_what_is_set_aside_is_stored_under_the_run_before_anything_is_appended() -> None:
    desk = Desk()
    taken = await send(desk, LARGE, {"type": "finish_run"})
    assert (taken.accepted, taken.rejected) == (2, [])
    assert desk.faults.reached == ["blobs.put", "log.append"]
    (event, _) = desk.events
    assert isinstance(event, ParamsSet)
    claim = event.value
    assert isinstance(claim, StoredValue)
    assert list(desk.blobs.stored) == [blob_key(RUN, claim.hash)]
    assert unpack(desk.blobs.stored[blob_key(RUN, claim.hash)]) == "x" * (1 << 20)


async def test_both_events_of_a_large_note_that_was_changed_name_one_blob() -> None:
    desk = Desk()
    text = "x" * (1 << 20)
    await send(desk, {"type": "note", "content": text, "created_at": 5.0, "updated_at": 6.0})
    assert desk.faults.reached == ["blobs.put", "log.append"]
    claim, data = set_aside(text)
    assert desk.blobs.stored == {blob_key(RUN, claim.hash): data}
    assert desk.events == [
        RunNoteAdded(note_id="id-1", content=claim, at=5.0, by="client"),
        RunNoteEdited(note_id="id-1", content=claim, at=6.0),
    ]


async def test_without_a_place_for_blobs_the_request_fails_whole() -> None:
    desk = Desk()
    desk.faults.fail_next(lambda: StoreUnavailable("no room"))
    with pytest.raises(StoreUnavailable):
        await send(desk, LARGE, {"type": "finish_run"})
    assert desk.events == []


async def test_a_repeat_stores_the_same_blob() -> None:
    desk = Desk()
    await send(desk, LARGE, batch="b")
    await send(desk, LARGE, batch="b")
    assert len(desk.blobs.stored) == 1


TAG = {"type": "add_tag", "tag_name": "t"}
EXPERIMENT = {"type": "set_run_property", "experiment": "e"}


@pytest.mark.parametrize("leaving", [TAG, EXPERIMENT, LARGE])
async def test_a_deleted_run_leaves_no_name_and_no_content_behind(leaving: dict[str, Any]) -> None:
    desk = Desk()
    desk.views.tombstones = {RUN}
    taken = await send(desk, metric(0), leaving)
    assert (taken.accepted, taken.rejected, decode_token(taken.position)) == (2, [], [])
    assert (desk.events, desk.blobs.stored) == ([], {})


@pytest.mark.parametrize("leaving", [TAG, EXPERIMENT, LARGE])
@pytest.mark.parametrize("behind", [True, False])
async def test_where_the_tombstone_may_be_lifted_nothing_is_lost(leaving: dict[str, Any], behind: bool) -> None:
    """The views lag behind the log, or cannot be read."""
    desk = Desk()
    desk.views.tombstones = {RUN}
    desk.catch_up.level = not behind
    desk.views.unavailable = not behind
    await send(desk, metric(0), leaving)
    assert next(type(event) for event in desk.events) is PointsTracked
    assert len(desk.events) + len(desk.blobs.stored) == 3


async def test_a_tombstone_that_is_lifted_while_it_is_looked_at_costs_nothing() -> None:
    desk = Desk()
    desk.views.tombstones = {RUN}

    async def is_level(places: Any) -> bool:
        desk.views.tombstones.clear()
        return True

    desk.catch_up.is_level = is_level  # type: ignore[method-assign]  # the moment in between
    await send(desk, TAG)
    assert [type(event) for event in desk.events] == [RunTagged, TagCreated]


async def test_points_alone_ask_no_view() -> None:
    desk = Desk()
    desk.views.tombstones = {RUN}
    await send(desk, metric(0), {"type": "remove_tag", "tag_name": "t"}, EXPERIMENT | {"experiment": None})
    assert [type(event) for event in desk.events] == [PointsTracked, RunUntagged]
