"""What the edge acknowledges is never invalid to the fold, whatever was logged before it."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.command_api.support import CALLER, NOW, RUN, Desk, recorded

from command_api.application.ingest.handler import ingest
from contracts.errors import InvalidEvent, ValidationFailed
from contracts.events import RunEvent
from contracts.events.logs import MAX_LINE_NUMBER
from contracts.events.metrics import STEP_LIMIT
from contracts.position import Position
from contracts.topics import RUNS
from contracts.trees import MAX_DEPTH, pack
from projector.fold.run_state import RunState
from projector.fold.runs import fold_run

Message = dict[str, Any]
Request = tuple[list[Message], bool, str | None]
"""Messages, whether they are written as MessagePack, and the name of the batch."""


def nested(depth: int, value: Any) -> Any:
    for _ in range(depth):
        value = {"a": value}
    return value


def message(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Message]:
    return st.fixed_dictionaries({"type": st.just(kind), **fields})


names = st.sampled_from(["a", "b", "\ud83d", "n" * 1_024])
times = st.none() | st.sampled_from([NOW, NOW - 1, NOW + 90_000, -1e300, 1e300, "2026-01-01T00:00:00+00:00"])
numbers = st.floats() | st.integers(-(2**70), 2**70)
steps = st.none() | st.integers(-2, 3) | st.sampled_from([-STEP_LIMIT, STEP_LIMIT, STEP_LIMIT + 1])
keys = st.sampled_from(["a", "b", "", "\ud83d"]) | st.integers(-1, 1)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.sampled_from(["", "x" * 300_000, "\ud83d"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=5,
)
trees = values | st.builds(nested, st.integers(MAX_DEPTH - 2, MAX_DEPTH + 2), values)
contexts = st.none() | trees
objects = st.sampled_from(
    [
        {"type": "text", "data": "x"},
        {"type": "distribution", "data": [1, 2], "bin_count": 2, "range": [0, float("nan")]},
        {"type": "image", "format": "PNG", "s3_key": f"{RUN}/seq/a/0.png"},
        {"type": "figure", "data": {"data": []}},
        {"other": 1},
    ]
)
kinds = st.sampled_from(
    ["text", "aim.text", "list(aim.image)", "distribution", "figure", "audios", "custom", "mine", None]
)
series = st.fixed_dictionaries({"name": names, "context": contexts, "dtype": st.sampled_from(["int", None])})
messages = st.one_of(
    message("create_run", client_datetime=times, creation_time=times, force_resume=st.booleans()),
    message("create_run", force_resume=st.just(True)),
    message("finish_run", client_datetime=times),
    message("log_metric", name=names, value=numbers | objects, step=steps, epoch=numbers, context=contexts),
    message(
        "log_metrics",
        series=st.lists(series, max_size=3),
        points=st.fixed_dictionaries({"value": st.lists(numbers, max_size=3), "series": st.lists(st.integers(0, 2))}),
    ),
    message("log_hparams", value=trees),
    message(
        "log_custom_object", name=names, value=objects | st.lists(objects), step=steps, dtype=kinds, context=contexts
    ),
    message(
        "log_terminal_line",
        line=st.sampled_from(["", "x" * 300_000]),
        step=st.sampled_from([0, MAX_LINE_NUMBER, MAX_LINE_NUMBER + 1]),
    ),
    message("log_record", message=names, level=st.integers(0, 50), timestamp=times, extra_args=trees),
    message("blob_ref", s3_key=names, artifact_path=names),
    message("artifact", path=names, uri=names),
    message("note", content=names | st.just("x" * 300_000), created_at=times, updated_at=times),
    message("set_run_property", name=names, experiment=names, archived=st.booleans()),
    message("add_tag", tag_name=names),
    message("remove_tag", tag_name=names),
)
requests = st.tuples(
    st.lists(messages, min_size=1, max_size=12), st.booleans(), st.sampled_from([None, "batch-1", "batch-2"])
)


@settings(max_examples=400, deadline=None)
@given(st.lists(requests, min_size=1, max_size=5))
def test_no_request_becomes_an_invalid_event(given_requests: Sequence[Request]) -> None:
    desk = asyncio.run(taken(given_requests))
    state: RunState | None = None
    invalid = []
    of_run = [each for each in recorded(desk.log) if isinstance(each.event, RunEvent)]
    for offset, each in enumerate(of_run):
        try:
            state, _ = fold_run(state, each, Position(1, RUNS, 0, offset))
        except InvalidEvent as error:
            invalid.append((type(each.event).__name__, error.message))
    assert invalid == []


async def taken(given_requests: Sequence[Request]) -> Desk:
    desk = Desk()
    for body, packed, batch in given_requests:
        desk.now += 1.0
        try:
            await ingest(desk.tools, desk.names, CALLER, RUN, *written(body, packed), batch)
        except ValidationFailed:
            continue  # refused as a whole, nothing was appended
    return desk


def written(body: list[Message], packed: bool) -> tuple[bytes, str]:
    """As JSON too where it has to be: MessagePack has no half surrogates."""
    if packed:
        try:
            return pack(body), "application/msgpack"
        except UnicodeEncodeError:
            return written(body, packed=False)
    return json.dumps(body).encode(), "application/json"
