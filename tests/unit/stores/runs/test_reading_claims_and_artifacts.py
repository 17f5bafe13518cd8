"""Runs whose params are too large for a document, and artifacts, as readers get them."""

from typing import Any

import pytest
from tests.fakes import FakeBlobs, FakeColumns, FakeDocuments, FakeEventLog
from tests.unit.projector.fold.builders import recorded

from contracts.blobs import Blob
from contracts.envelope import encode
from contracts.events import ArtifactAdded, Event, ParamsSet, RunCreated, RunDeleted, TombstoneCleared
from contracts.keys import blob_key
from contracts.read_models.segments import param_segments
from contracts.tables import ViewNames
from contracts.topics import RUNS, partition_for
from contracts.trees import set_aside
from projector.bootstrap import in_process
from stores.blobs.values import MISSING, BlobValues
from stores.eventlog.port import NewRecord
from stores.runs.large_params import whole_run, whole_segments
from stores.runs.reader import RunReader

V1 = ViewNames(1)
LARGE = "x" * 1_000
CLAIM, DATA = set_aside(LARGE)
TREE: dict[str | int, Any] = {"a": {"large": LARGE, "b": 1}, "__system_params": {"env": LARGE}}
RUN = "run-1"


class World:
    def __init__(self) -> None:
        self.log, self.documents, self.blobs = FakeEventLog(), FakeDocuments(), FakeBlobs()

    async def logged(self, *events: Event) -> "World":
        """All of one run, through the projector."""
        partition = partition_for(RUNS, RUN)
        await self.log.append(
            [NewRecord(RUNS, partition, RUN, encode(recorded(event, second))) for second, event in enumerate(events)]
        )
        projector = await in_process(self.log, self.log, self.documents, FakeColumns())
        await projector.start()
        assert await projector.caught_up(10)
        await projector.stop()
        return self

    def reader(self) -> RunReader:
        return RunReader(self.documents, V1)

    @property
    def values(self) -> BlobValues:
        """With nothing in it so far."""
        return BlobValues(self.blobs)


async def with_claims() -> World:
    world = World()
    world.blobs.stored[blob_key(RUN, CLAIM.hash)] = DATA
    params = {"a": {"large": CLAIM, "b": 1}, "__system_params": {"env": CLAIM}}
    return await world.logged(RunCreated(at=1.0), ParamsSet(path=(), value=params))


async def test_a_run_has_its_params_in_their_places_for_who_asks_for_them() -> None:
    world = await with_claims()
    run = await whole_run(world.values, await world.reader().get(RUN))
    assert run.params_tree() == TREE
    assert not run.claims
    assert await whole_run(world.values, run) is run


async def test_segments_are_made_whole_too() -> None:
    world = await with_claims()
    reader = world.reader()
    run, stored = await reader.get(RUN), (await reader.segments([RUN]))[RUN]
    segments = await whole_segments(world.values, run, stored)
    assert segments is not None
    made = param_segments(RUN, TREE)
    assert (segments.params, segments.params_empty, segments.system_params) == tuple(made)
    assert not segments.claims
    assert segments.traces == stored.traces
    assert await whole_segments(world.values, run, segments) is segments
    assert await whole_segments(world.values, run, None) is None


async def test_who_reads_no_params_needs_no_blobs() -> None:
    reader = (await with_claims()).reader()
    batches = [run async for batch in reader.newest_first() for run in batch]
    deleted_too = await reader.find_deleted_too(RUN)
    assert deleted_too is not None
    for run in (await reader.get(RUN), (await reader.many([RUN]))[RUN], *batches, deleted_too):
        assert run.claims
        assert run.params_tree()["a"] == {"large": CLAIM, "b": 1}


async def test_a_lost_blob_costs_one_value() -> None:
    world = await with_claims()
    world.blobs.stored.clear()
    run = await whole_run(world.values, await world.reader().get(RUN))
    assert run.params_tree()["a"] == {"large": MISSING, "b": 1}


def artifact(path: str, key: str | None = None, **fields: Any) -> ArtifactAdded:
    return ArtifactAdded(path=path, name=path, blob=Blob(key=key or f"{RUN}/{path}"), **fields)


async def test_artifacts_are_listed_in_the_order_in_which_they_came() -> None:
    world = await World().logged(
        artifact("b"), artifact("seq/x/1.png"), artifact("a", content_type="text/plain"), artifact("b", "other key")
    )
    reader = world.reader()
    run = await reader.get(RUN)
    found = await reader.artifacts(run)
    assert [(one.path, one.key, one.content_type) for one in found] == [
        ("b", "other key", None),
        ("a", f"{RUN}/a", "text/plain"),
    ]
    one = await reader.artifact(run, "seq/x/1.png")
    assert one is not None
    assert not one.listed
    assert await reader.artifact(run, "none") is None


async def test_bytes_are_found_by_the_key_that_the_client_gave_them() -> None:
    world = await World().logged(artifact("seq/x/1.png"), artifact("a", "k"), artifact("b", "k"))
    reader = world.reader()
    run = await reader.get(RUN)
    found = await reader.artifacts_by_key(run, [f"{RUN}/seq/x/1.png", "k", "none", "k"])
    assert {key: one.path for key, one in found.items()} == {f"{RUN}/seq/x/1.png": "seq/x/1.png", "k": "b"}
    assert await reader.artifacts_by_key(run, []) == {}
    many = [f"none {number}" for number in range(1_200)]
    assert list(await reader.artifacts_by_key(run, [*many, "k"])) == ["k"]


@pytest.mark.parametrize("again", [[], [RunCreated(at=9.0)]])
async def test_an_id_used_again_begins_without_artifacts(again: list[Event]) -> None:
    events = [artifact("a"), RunDeleted(), TombstoneCleared(), *again, artifact("b")]
    reader = (await World().logged(*events)).reader()
    run = await reader.get(RUN)
    assert [one.path for one in await reader.artifacts(run)] == ["b"]
    assert await reader.artifact(run, "a") is None
    assert await reader.artifacts_by_key(run, [f"{RUN}/a"]) == {}
