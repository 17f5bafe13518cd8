"""A request that names one series many times, or all series of a large run, costs no more memory than one of them."""

from typing import Any

import msgspec
import pytest
from tests.unit.query_api.world import Logged, World

from contracts.aimcodec.arrays import read_numeric_array
from contracts.aimcodec.reader import items
from contracts.events import Text
from contracts.rest.run_reads import AlignedRun, AlignedTrace, AlignRequest, SeriesName, SeriesValues
from query_api.queries import series_reading
from query_api.queries.object_ranges import Range, Selection
from query_api.queries.object_reading import read_traces
from query_api.queries.reads import Reads
from query_api.queries.search_text import read_search
from query_api.streaming.chunks import FLUSH
from query_api.streaming.metric_batch_json import metric_batch_json
from query_api.streaming.metric_streams import align_frames, metric_search_frames
from query_api.streaming.object_streams import object_batch_frames

POINTS = 12_000
FRAME_BYTES = 2 * 8 * POINTS + 1_000
"""Two columns of doubles."""


@pytest.fixture
async def world() -> World:
    world = await World.make()
    await world.run("r", *(Logged(name, [float("nan"), *range(1, POINTS)]) for name in ("a", "b", "c")))
    return world


class _Read:
    """How many points each read of the columns has given."""

    def __init__(self, reads: Reads) -> None:
        self._read = reads.columns.read_points
        self.points: list[int] = []
        reads.columns.read_points = self  # type: ignore[method-assign]  # counts what one read gives

    async def __call__(self, *args: Any, **more: Any) -> Any:
        found = await self._read(*args, **more)
        self.points.append(sum(len(one.steps) for one in found))
        return found


async def test_alignment_reads_a_repeated_series_once_and_holds_one_entry(world: World) -> None:
    reads = world.reads()
    read = _Read(reads)
    traces = [AlignedTrace("a", {}, [0, 0, -1])] * 200
    frames = [frame async for frame in align_frames(reads, AlignRequest("b", [AlignedRun("r", traces)] * 2))]
    assert max(map(len, frames)) <= FRAME_BYTES
    assert read.points == [2 * POINTS]
    (_, first), (_, second) = items(b"".join(frames))
    assert first == second
    assert len(first) == 200


async def test_alignment_of_a_large_run_is_read_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series_reading, "POINTS_PER_READ", POINTS)
    reads = world.reads()
    read = _Read(reads)
    traces = [AlignedTrace(name, {}, [0, 0, -1]) for name in ("a", "b", "c", "none")]
    frames = [frame async for frame in align_frames(reads, AlignRequest("a", [AlignedRun("r", traces)]))]
    assert read.points == [POINTS, 2 * POINTS, 2 * POINTS]
    [(_, entries)] = items(b"".join(frames))
    assert [entry["name"] for entry in entries] == ["a", "b", "c", "none"]


async def test_a_search_of_metrics_holds_one_series(world: World) -> None:
    reads = world.reads()
    search = read_search("", "metric", reads, 0)
    found = metric_search_frames(reads, search, -1, None, skip_system=True, report_progress=False)
    frames = [frame async for frame in found]
    assert max(map(len, frames)) <= 2 * FRAME_BYTES
    assert FLUSH not in frames[:4]
    [(_, run)] = items(b"".join(frames))
    assert {trace["name"]: len(read_numeric_array(trace["values"])) for trace in run["traces"]} == {
        "a": POINTS, "b": POINTS, "c": POINTS,
    }  # fmt: skip


async def test_a_search_reads_a_large_run_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series_reading, "POINTS_PER_READ", 2 * POINTS)
    await world.run("older", Logged("a", [1.0]), created_at=0.0)
    reads = world.reads()
    read = _Read(reads)
    search = read_search("", "metric", reads, 0)
    found = metric_search_frames(reads, search, -1, None, skip_system=True, report_progress=True)
    body = b"".join([frame async for frame in found])
    assert sorted(read.points) == [1, POINTS, 2 * POINTS]
    tree = list(items(body))
    assert [key for key, _ in tree if not str(key).startswith("progress")] == ["r", "older"]
    assert [value for key, value in tree if str(key).startswith("progress")] == [[1, 2], [2, 2], [2, 2]]
    assert [(trace["name"], len(read_numeric_array(trace["iters"]))) for trace in tree[0][1]["traces"]] == [
        ("a", POINTS), ("b", POINTS), ("c", POINTS),
    ]  # fmt: skip


async def test_runs_that_are_asked_for_other_names_are_read_apart(world: World) -> None:
    await world.run("s", Logged("a", [1.0]), Logged("b", [2.0]), Logged("x", [3.0]))
    await world.run("t", Logged("a", [1.0]), Logged("b", [2.0]), Logged("x", [4.0]))
    reads = world.reads()
    read = _Read(reads)
    asked = [
        AlignedRun(run, [AlignedTrace(name, {}, [0, 0, -1]) for name in names])
        for run, names in (("s", "a"), ("r", "bc"), ("t", "a"))
    ]
    frames = [frame async for frame in align_frames(reads, AlignRequest("x", asked))]
    assert sorted(read.points) == [4, 2 * POINTS]
    shown = items(b"".join(frames))
    found = {str(run): [entry["x_axis_values"] is None for entry in entries] for run, entries in shown}
    assert found == {"s": [False], "r": [True, True], "t": [False]}


async def test_a_batch_reads_a_repeated_series_once_and_is_sent_in_pieces(world: World) -> None:
    reads = world.reads()
    read = _Read(reads)
    asked = [SeriesName("a", {}), SeriesName("none", {}), SeriesName("b", {"of": "nobody"})] * 50
    pieces = [piece async for piece in metric_batch_json(reads, "r", asked, (None, None), -1)]
    assert max(map(len, pieces)) <= 10 * 10_000
    assert read.points == [POINTS]
    found = msgspec.json.decode(b"".join(pieces), type=list[SeriesValues])
    assert found == [SeriesValues("a", {}, list(range(POINTS)), [None, *range(1, POINTS)])] * 50


async def test_a_batch_of_a_large_run_is_read_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series_reading, "POINTS_PER_READ", POINTS)
    reads = world.reads()
    read = _Read(reads)
    asked = [SeriesName(name, {}) for name in ("c", "a", "b", "c")]
    pieces = [piece async for piece in metric_batch_json(reads, "r", asked, (None, None), 3)]
    assert read.points == [POINTS] * 4
    found = msgspec.json.decode(b"".join(pieces), type=list[SeriesValues])
    assert [(one.name, len(one.iters)) for one in found] == [("c", 3), ("a", 3), ("b", 3), ("c", 3)]


async def test_a_range_of_steps_is_read_alone(world: World) -> None:
    reads = world.reads()
    read = _Read(reads)
    asked = [SeriesName("a", {}), SeriesName("b", {})]
    pieces = [piece async for piece in metric_batch_json(reads, "r", asked, (1, 4), -1)]
    assert read.points == [6]
    assert [one["values"] for one in msgspec.json.decode(b"".join(pieces))] == [[1, 2, 3]] * 2


async def test_repeated_series_of_objects_share_their_steps() -> None:
    world = await World.make()
    await world.run("r")
    await world.objects("r", "texts", "said", {step: (Text(str(step)),) for step in range(20)})
    reads = world.reads()
    run = await reads.runs.get("r")
    summaries = run.object_summaries()
    traces = await read_traces(reads, "texts", [(run, summaries[0])] * 3, Range(0, 20), 50)
    assert all(one is traces[0] for one in traces)
    frames = object_batch_frames(reads, "texts", run, [SeriesName("said", {})] * 3, Selection(), None)
    body = b"".join([frame async for frame in frames])
    assert [tree for key, tree in items(body) if key == "iters"] == [list(range(20))] * 3
