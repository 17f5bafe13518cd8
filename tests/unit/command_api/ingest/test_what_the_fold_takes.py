"""What is acknowledged is never invalid for the fold, and the same batch again is nothing but repeats."""

import asyncio
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.command_api.support import CALLER, RUN, Desk
from tests.unit.projector.fold.builders import fold_all

from command_api.application.ingest import points, rows, translate
from command_api.application.ingest.handler import ingest
from command_api.application.ingest.limits import MAX_MESSAGES
from contracts.envelope import MAX_INDEX, Recorded, decode
from contracts.errors import ValidationFailed
from contracts.events import RunCreated, RunResumed
from contracts.rest.ingest import Ingested, RejectedMessage
from contracts.topics import RUNS
from contracts.trees import pack
from projector.fold import batches
from projector.fold.outcome import REPEATED, Applied
from projector.fold.run_state import RunState

MSGPACK = "application/msgpack"


class Folded(NamedTuple):
    """events: of the run, that sending the batch once made."""

    accepted: int
    rejected: list[RejectedMessage]
    state: RunState | None
    events: list[Recorded]


def folded(*messages: Any) -> Folded:
    """What becomes of the messages in a run that has begun."""
    return asyncio.run(_folded(pack(messages)))


async def _folded(body: bytes) -> Folded:
    desk = Desk()

    async def sent(body: bytes, batch: str) -> tuple[Ingested, list[Recorded]]:
        known = len(desk.log.records(RUNS))
        taken = await ingest(desk.tools, desk.names, CALLER, RUN, body, MSGPACK, batch)
        return taken, [decode(record.value) for record in desk.log.records(RUNS)[known:]]

    state, _ = fold_all((await sent(pack(message("create_run")), "begin"))[1])
    try:
        taken, events = await sent(body, "batch")
    except ValidationFailed:
        return Folded(0, [], state, [])
    state, outcomes = fold_all(events, state, start=1)
    for each, outcome in zip(events, outcomes, strict=True):
        assert isinstance(outcome, Applied) or isinstance(each.event, RunCreated | RunResumed)
    _, repeat = await sent(body, "batch")
    again, outcomes = fold_all(repeat, state, start=1 + len(events))
    assert outcomes == [REPEATED] * len(events)
    return Folded(taken.accepted, taken.rejected, again, events)


def message(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, **fields}


def round_robin(series: int, count: int, context_bytes: int = 100) -> dict[str, Any]:
    """Columns whose points name one series after the other, each with a context of its own."""
    return message(
        "log_metrics",
        series=[{"name": "m", "context": {"k": f"{number:0{context_bytes}}"}} for number in range(series)],
        points={
            "series": (np.arange(count) % series).astype("<u4").tobytes(),
            "value": np.arange(count).astype("<f8").tobytes(),
        },
    )


def test_the_longest_request_has_no_index_beyond_what_the_fold_takes() -> None:
    assert MAX_MESSAGES <= MAX_INDEX


def test_many_params_of_one_message_are_all_kept() -> None:
    params = {f"k{number}": number for number in range(1_500)}
    one = folded(message("log_hparams", value=params))
    assert one.state is not None
    assert one.state.params == params
    assert len(one.events) == 1


@pytest.mark.parametrize(("series", "count", "context_bytes"), [(4_000, 40_000, 8_000), (4_000, 200_000, 100)])
def test_points_of_many_series_in_turn_are_all_kept_in_few_events(series: int, count: int, context_bytes: int) -> None:
    given = round_robin(series, count, context_bytes)
    one = folded(given)
    assert one.state is not None
    assert len(one.state.series) == series
    assert {summary.last_step for summary in one.state.series.values()} == {count // series - 1}
    assert sum(len(pack(each.event)) for each in one.events) < 2 * len(pack(given))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """So many parts at most, for the edge and the fold alike; and small events."""
    parts = 4
    for module in (points, rows, translate, batches):
        monkeypatch.setattr(module, "MAX_PARTS", parts)
    for module, name in ((points, "MAX_POINTS_PER_EVENT"), (rows, "MAX_ROWS_PER_EVENT")):
        monkeypatch.setattr(module, name, 10)
    monkeypatch.setattr(points, "MAX_SERIES_TABLE_BYTES", 48 << 10)
    monkeypatch.setattr(points, "_WAITING_POINTS", 5)
    return parts


@pytest.mark.parametrize(
    "row",
    [
        message("log_metric", name="m", value=1.0),
        message("log_terminal_line", line="x", step=0),
        message("log_record", message="x", level=20),
        message("log_custom_object", name="o", value={"a": 1}),
        message("log_metrics", series=[{"name": "m"}], points={"value": [1.0]}),
        message("log_metrics", series=[{"name": "m"}], points={"value": [1.0] * 19}),
    ],
)
def test_a_request_of_many_messages_begins_to_count_anew(row: dict[str, Any], few: int) -> None:
    one = folded(*[row] * 500)
    assert (one.accepted, one.rejected) == (500, [])
    assert len(one.events) > 10 * few


def test_points_and_columns_of_many_series_begin_to_count_anew(few: int) -> None:
    single = [message("log_metric", name="m", value=1.0, context={"k": f"{n:08000}"}) for n in range(100)]
    one = folded(*[message for each in single for message in (each, round_robin(3, 9, 8_000), each)])
    assert (one.accepted, one.rejected) == (300, [])
    assert one.state is not None
    assert len(one.state.series) == 100


@pytest.mark.parametrize(
    ("refused", "text"),
    [
        (message("log_metrics", series=[{"name": "m"}], points={"value": [1.0] * 41}), "several messages"),
        (round_robin(40, 40, 8_000), "several messages"),
        (
            message("log_hparams", value={f"{n}": {f"{m}{n}": "x" * 200_000 for m in range(3)} for n in range(6)}),
            "events",
        ),
    ],
)
def test_what_would_be_more_events_than_are_counted_costs_its_item_alone(
    refused: dict[str, Any], text: str, few: int
) -> None:
    good = message("log_metric", name="good", value=1.0)
    one = folded(good, refused, good)
    assert one.accepted == 2
    assert [rejected.index for rejected in one.rejected] == [1]
    assert text in one.rejected[0].message
    assert one.state is not None
    assert [summary.name for summary in one.state.series.values()] == ["good"]
    assert one.state.params == {}


def test_types_of_one_series_that_would_fill_tables_cost_their_item_alone() -> None:
    types = [{"name": "m", "context": {"k": "x" * 8_000}, "dtype": f"type {number}"} for number in range(100)]
    numbers = [number % 100 for number in range(1_000)]
    one = folded(
        message("finish_run"), message("log_metrics", series=types, points={"series": numbers, "value": numbers})
    )
    assert [rejected.message for rejected in one.rejected] == [
        "one series may not be logged under so many types in one message"
    ]


KEYS = st.sampled_from(["", "a", "b", "ü", "type", "data"]) | st.integers(-3, 3)
LEAVES = (
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats() | st.sampled_from(["", "text", "x" * 90_000])
)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=12
)
CONTEXTS = st.none() | st.dictionaries(st.sampled_from(["", "a", "b", "c"]), TREES, max_size=3)
NAMES = st.sampled_from(["loss", "acc", "ü"])
STEPS = st.none() | st.sampled_from([-(2**53), -1, 0, 1, 2**53])
TIMES = st.none() | st.floats(allow_nan=False) | st.just("2025-12-31T23:59:00+00:00")
DTYPES = st.sampled_from([None, "int", "float", "custom", "image", "text", "Image", "distribution", "figure"])


def of(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(kind), **fields})


MESSAGES = st.one_of(
    of("create_run", client_datetime=TIMES, force_resume=st.booleans()),
    of("finish_run", client_datetime=TIMES),
    of("log_hparams", value=TREES),
    of("log_metric", name=NAMES, value=st.floats(), step=STEPS, context=CONTEXTS, dtype=DTYPES, client_datetime=TIMES),
    of(
        "log_metrics",
        series=st.lists(of("series", name=NAMES, context=CONTEXTS, dtype=DTYPES), min_size=1, max_size=3),
        points=st.lists(st.tuples(st.integers(0, 2), STEPS), max_size=30).map(
            lambda rows: {"series": [s for s, _ in rows], "step": [n for _, n in rows], "value": [0.5] * len(rows)}
        ),
    ),
    of("log_custom_object", name=NAMES, value=TREES, step=STEPS, context=CONTEXTS, dtype=DTYPES, client_datetime=TIMES),
    of("log_terminal_line", line=st.sampled_from(["", "x" * 300_000]), step=st.integers(0, 5)),
    of("log_record", message=st.text(), level=st.integers(0, 50), timestamp=TIMES, extra_args=TREES),
    of("set_run_property", name=NAMES, archived=st.booleans()),
    of("add_tag", tag_name=NAMES),
    of("remove_tag", tag_name=NAMES),
    of("set_run_property", experiment=NAMES),
    of("blob_ref", artifact_path=NAMES, s3_key=NAMES),
    of("note", content=st.text(), created_at=TIMES, updated_at=TIMES),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(MESSAGES, min_size=1, max_size=12))
def test_whatever_is_accepted_is_valid(messages: list[dict[str, Any]]) -> None:
    folded(*messages)


@settings(max_examples=40, deadline=None)
@given(st.lists(MESSAGES, min_size=1, max_size=30), st.integers(2, 4))
def test_whatever_is_accepted_is_valid_where_little_fits(messages: list[dict[str, Any]], parts: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for module in (points, rows, translate, batches):
            patch.setattr(module, "MAX_PARTS", parts)
        patch.setattr(points, "MAX_POINTS_PER_EVENT", 3)
        patch.setattr(points, "_WAITING_POINTS", 2)
        patch.setattr(points, "_LISTED_POINTS", 2)
        patch.setattr(rows, "MAX_ROWS_PER_EVENT", 2)
        folded(*messages)
