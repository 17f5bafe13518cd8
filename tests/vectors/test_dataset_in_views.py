"""Everything that the data set holds is in the views after native ingestion, to the byte."""

from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from tests.vectors.composed import Product, embedded
from tests.vectors_support import dataset, load_runs
from tests.vectors_support.loading import object_value

from contracts.events import Audio, Custom, Distribution, Figure, Image, Item, Text
from contracts.keys import blob_key, context_key, data_key
from contracts.read_models import RunDocument
from contracts.read_models.logs import unpack_line, unpack_record
from contracts.read_models.objects import unpack_items
from contracts.rest.times import iso_utc
from contracts.tables import ViewNames
from stores.columns.port import ObjectsWanted
from stores.runs.reader import RunReader
from stores.views import live_view

pytestmark = pytest.mark.asyncio(loop_scope="module")

RUNS = {run["hash"]: run for run in dataset()["runs"]}
OBJECTS = [
    pytest.param(run["hash"], sequence, id=f"{run['name']} {sequence['kind']} {sequence['name']}")
    for run in dataset()["runs"]
    for sequence in run["sequences"]
    if sequence["kind"] != "metric"
]


class Loaded:
    def __init__(self, product: Product, names: ViewNames) -> None:
        self.product = product
        self.names = names
        self.reader = RunReader(product.documents, names)

    async def run(self, run_id: str) -> tuple[RunDocument, int]:
        """With its data key."""
        run = await self.reader.get(run_id)
        return run, data_key(run.id, run.incarnation)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def loaded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Loaded]:
    async with embedded(tmp_path_factory.mktemp("dataset")) as product:
        await load_runs(product.client)
        await load_runs(product.client)  # named batches: a repeat changes nothing, records and notes included
        await product.caught_up()
        yield Loaded(product, await live_view(product.documents))


@pytest.mark.parametrize(("run_id", "sequence"), OBJECTS)
async def test_objects_are_there_step_by_step(loaded: Loaded, run_id: str, sequence: dict[str, Any]) -> None:
    run, key = await loaded.run(run_id)
    kind, context = sequence["kind"], context_key(sequence["context"])
    columns, table = loaded.product.columns, loaded.names.objects
    (where,) = await columns.read_object_steps(table, kind, [sequence["name"]], [key], [context])
    assert where.steps.tolist() == sequence["steps"]
    assert where.times.tolist() == sequence["times"]
    assert [None if np.isnan(epoch) else epoch for epoch in where.epochs.tolist()] == sequence["epochs"]
    wanted = ObjectsWanted(sequence["name"], key, context, sequence["steps"])
    (found,) = await columns.read_objects(table, kind, [wanted])
    assert found.listed.tolist() == [isinstance(record, list) for record in sequence["records"]]
    for payload, record in zip(found.payloads, sequence["records"], strict=True):
        logged = [object_value(kind, one) for one in (record if isinstance(record, list) else [record])]
        assert [await _value(loaded.product, run.id, item) for item in unpack_items(payload)] == logged
    summary = next(
        one
        for one in run.object_summaries()
        if (one.kind, one.name, context_key(one.context)) == (kind, sequence["name"], context)
    )
    lengths = [len(record) if isinstance(record, list) else 1 for record in sequence["records"]]
    assert (summary.first_step, summary.last_step) == (min(sequence["steps"]), max(sequence["steps"]))
    assert (summary.longest, summary.records) == (max(lengths), len(lengths))


async def _value(product: Product, run_id: str, item: Item) -> dict[str, Any]:
    """As it was sent."""
    match item:
        case Image() | Audio():
            assert item.blob.hash is not None
            data = await product.blobs.get(blob_key(run_id, item.blob.hash))
            value: dict[str, Any] = {"caption": item.caption, "format": item.format, "data": data}
            return value if isinstance(item, Audio) else {**value, "width": item.width, "height": item.height}
        case Text():
            return {"data": item.data}
        case Distribution():
            shape = {"bin_count": item.bin_count, "range": list(item.range)}
            return {"data": item.weights, "dtype": item.dtype, **shape}
        case Figure():
            return {"source": item.source, "version": item.version, "format": item.format, "data": item.data}
        case Custom():
            raise AssertionError("the data set has no custom objects")


@pytest.mark.parametrize("run_id", RUNS)
async def test_logs_are_there_line_by_line(loaded: Loaded, run_id: str) -> None:
    run, key = await loaded.run(run_id)
    lines = RUNS[run_id]["logs"]
    part = await loaded.product.columns.read_log(loaded.names.log_lines, key, limit=1_000)
    assert part.numbers.tolist() == [line["step"] for line in lines]
    assert [unpack_line(payload) for payload in part.payloads] == [line["data"] for line in lines]
    assert run.lines_end == len(lines)
    records = RUNS[run_id]["log_records"]
    part = await loaded.product.columns.read_log(loaded.names.log_records, key, limit=1_000)
    assert part.numbers.tolist() == [record["step"] for record in records]
    found = [unpack_record(payload) for payload in part.payloads]
    assert [(one.message, one.level, one.timestamp, one.args) for one in found] == [
        (record["message"], record["level"], record["timestamp"], record["extra_args"]) for record in records
    ]
    assert run.records_end == len(records)


@pytest.mark.parametrize("run_id", RUNS)
async def test_artifacts_and_notes_are_there_in_order(loaded: Loaded, run_id: str) -> None:
    run, _ = await loaded.run(run_id)
    artifacts = await loaded.reader.artifacts(run)
    assert [{"name": one.name, "path": one.path, "uri": one.uri} for one in artifacts] == RUNS[run_id]["artifacts"]
    notes = await loaded.reader.notes(run)
    shown = [(note.content, iso_utc(note.created_at), iso_utc(note.updated_at)) for note in notes]
    assert shown == [
        (note["content"], f"{note['created_at']}Z", f"{note['updated_at']}Z")
        for note in sorted(RUNS[run_id]["notes"], key=lambda note: note["updated_at"], reverse=True)
    ]


async def test_every_run_is_there_with_its_life(loaded: Loaded) -> None:
    for run_id, logged in RUNS.items():
        run, _ = await loaded.run(run_id)
        assert (run.name, run.active, run.archived) == (logged["name"], logged["active"], logged["archived"])
        assert (run.created_at, run.ended_at) == (logged["creation_time"], logged["end_time"])
