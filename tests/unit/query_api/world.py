"""A small project in memory: what the projector would have written, without the projector; and our app over it."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
import numpy as np
from tests.fakes import FakeBlobs, FakeColumns, FakeDocuments

from contracts import tables
from contracts.aimcodec.reader import items
from contracts.aimcodec.records import encode_tree
from contracts.events import Item, ObjectKind
from contracts.events.artifacts import is_listed
from contracts.keys import artifact_id, blob_key, context_key, data_key, shared_blob_key
from contracts.read_models import (
    Alias,
    Experiment,
    ExperimentNote,
    ObjectSummary,
    RunArtifact,
    RunNote,
    RunSegments,
    SeriesSummary,
    Tag,
    to_document,
)
from contracts.read_models.logs import LogRows
from contracts.read_models.notes import note_content
from contracts.read_models.objects import ObjectRows, pack_items
from contracts.read_models.points import PointRows
from contracts.tables import ViewNames
from contracts.trees import StoredValue, Tree, pack, set_aside, stored_values
from edge.app import create_app, served
from edge.settings import EdgeSettings
from query_api.bootstrap import build
from query_api.queries.blob_references import BlobReferences
from query_api.queries.reads import Reads
from query_api.queries.turns import Turns
from stores.blobs.values import BlobValues
from stores.documents.port import Put
from stores.runs.catalog import CatalogReader
from stores.runs.reader import to_run
from stores.views import ensure_view, set_live_view

NOW = 1_767_225_600.0
NAMES = ViewNames(1)
KEY = b"key of tests"

Context = dict[str, Any]


def salts() -> Callable[[], bytes]:
    """Another one at each call, as few as a test needs."""
    numbers = count()
    return lambda: next(numbers).to_bytes(8, "big")


@dataclass(frozen=True)
class Logged:
    """One metric series. values may hold NaN; steps count from 0 unless given."""

    name: str
    values: Sequence[float]
    context: Context = field(default_factory=dict)
    steps: Sequence[int] | None = None

    @property
    def all_steps(self) -> list[int]:
        return list(range(len(self.values))) if self.steps is None else list(self.steps)

    def summary(self) -> SeriesSummary:
        known = [value for value in self.values if value == value]
        steps = self.all_steps
        return SeriesSummary(
            self.name, self.context, "float", steps[0], self.values[0], steps[-1], self.values[-1],
            min(known, default=None), max(known, default=None),
        )  # fmt: skip


class World:
    """Use `make`."""

    def __init__(self) -> None:
        self.documents = FakeDocuments()
        self.columns = FakeColumns()
        self.blobs = FakeBlobs()
        self.clock = NOW
        self._version = 0

    @classmethod
    async def make(cls) -> "World":
        world = cls()
        await ensure_view(world.documents, NAMES)
        await set_live_view(world.documents, NAMES)
        for table in tables.TABLES:
            await world.columns.execute(f"CREATE TABLE IF NOT EXISTS {NAMES.table(table)}")
        return world

    def reads(self) -> Reads:
        """As a request would get it; the monotone clock stands still."""
        return Reads(
            self.documents,
            self.columns,
            self.blobs,
            BlobValues(self.blobs),
            BlobReferences(KEY, 86_400, salts()),
            NAMES,
            CatalogReader(self.documents),
            self.clock,
            lambda: 0.0,
            Turns(),
        )

    async def run(
        self,
        run_id: str,
        *metrics: Logged,
        params: dict[str | int, Any] | None = None,
        incarnation: int = 0,
        phase: str = "live",
        created_at: float = NOW - 1_000,
        ended_at: float | None = None,
        **fields: Any,
    ) -> None:
        """Active unless `ended_at` is given."""
        params = params or {}
        document = {
            "_id": run_id,
            "_v": self._next_version(),
            "incarnation": incarnation,
            "phase": phase,
            "name": f"Run: {run_id}",
            "description": None,
            "experiment_id": None,
            "tag_ids": [],
            "archived": False,
            "active": ended_at is None,
            "created_at": created_at,
            "ended_at": ended_at,
            "updated_at": created_at,
            "params": pack(params),
            "claims": any(stored_values(params)),
            "series": pack([metric.summary() for metric in metrics]),
            **fields,
        }
        segments = _segments(run_id, params, metrics)
        await self._put(tables.RUNS, document)
        await self._put(tables.RUN_SEGMENTS, {**to_document(segments), "_v": self._version})
        for metric in metrics:
            await self.columns.insert_points(NAMES.points, _rows(run_id, incarnation, metric, self._version))

    async def large(self, run_id: str, value: Any) -> StoredValue:
        """What stands for a value of the run that lies in the blob store."""
        claim, data = set_aside(value)
        await self.blobs.put(blob_key(run_id, claim.hash), data)
        return claim

    async def large_shared(self, value: Any) -> StoredValue:
        """As `large`, of what belongs to no run."""
        claim, data = set_aside(value)
        await self.blobs.put(shared_blob_key(claim.hash), data)
        return claim

    async def experiment(self, experiment_id: str, name: str, **fields: Any) -> None:
        position = self._next_version()
        plain = {"description": None, "archived": False, "created_at": NOW - 5_000 + position, **fields}
        await self._put(
            tables.EXPERIMENTS,
            to_document(Experiment(id=experiment_id, version=position, name=name, position=position, **plain)),
        )

    async def tag(self, tag_id: str, name: str, **fields: Any) -> None:
        position = self._next_version()
        plain = {"color": None, "description": None, "archived": False, **fields}
        await self._put(
            tables.TAGS, to_document(Tag(id=tag_id, version=position, name=name, position=position, **plain))
        )

    async def alias(self, alias: str, target: str, kind: str) -> None:
        version = self._next_version()
        document = {**to_document(Alias(id=alias, version=version, kind="tag", target=target)), "kind": kind}
        await self._put(tables.ALIASES, document)

    async def note(self, run_id: str, note_id: str, content: Tree, at: float, incarnation: int = 0) -> None:
        note = RunNote(
            id=note_id, version=self._next_version(), run_id=run_id, incarnation=incarnation,
            content=note_content(content), created_at=at, updated_at=at,
        )  # fmt: skip
        await self._put(tables.RUN_NOTES, to_document(note))

    async def experiment_note(self, experiment_id: str, note_id: str, content: Tree, at: float) -> None:
        note = ExperimentNote(
            id=note_id, version=self._next_version(), experiment_id=experiment_id,
            content=note_content(content), created_at=at, updated_at=at,
        )  # fmt: skip
        await self._put(tables.EXPERIMENT_NOTES, to_document(note))

    async def objects(self, run_id: str, kind: ObjectKind, name: str, rows: Mapping[int, tuple[Item, ...]]) -> None:
        """Of the run's first incarnation: what was logged by step, as a list; the run is there already."""
        count, steps = len(rows), sorted(rows)
        longest = max(map(len, rows.values()))
        summary = ObjectSummary(kind, name, {}, None, steps[0], steps[-1], longest, count)
        found = await self.documents.get(NAMES.collection(tables.RUNS), run_id)
        assert found is not None
        before = to_run(found).object_summaries()
        await self._put(tables.RUNS, {**found, "_v": self._next_version(), "objects": pack([*before, summary])})
        logged = ObjectRows(
            [kind] * count,
            [name] * count,
            np.full(count, data_key(run_id, 0), np.uint64),
            np.zeros(count, np.uint64),
            np.array(steps, np.int64),
            np.full(count, np.nan),
            np.array(steps, np.float64),
            np.ones(count, np.bool_),
            [pack_items(rows[step]) for step in steps],
            np.full(count, self._version, np.int64),
        )
        await self.columns.insert_objects(NAMES.objects, logged)

    async def artifact(
        self, run_id: str, path: str, data: bytes | None, *, uri: str | None = None, content_type: str | None = None
    ) -> None:
        """Of the run's first incarnation. data: None for bytes that have not come."""
        version = self._next_version()
        place = f"uploads/{version}"
        if data is not None:
            await self.blobs.put(place, data)
        known = data is not None and uri is None
        artifact = RunArtifact(
            id=artifact_id(run_id, 0, path), version=version, run_id=run_id, incarnation=0, path=path,
            name=path.rpartition("/")[2], listed=is_listed(path), position=version, uri=uri, content_type=content_type,
            key=None if uri else f"{run_id}/{path}", hash=None, place=place if known else None,
            size=len(data) if known and data is not None else None,
        )  # fmt: skip
        await self._put(tables.RUN_ARTIFACTS, to_document(artifact))

    async def log(self, table: str, run_id: str, rows: Mapping[int, bytes]) -> None:
        """Of the run's first incarnation: packed lines or records by number."""
        count = len(rows)
        keys = np.full(count, data_key(run_id, 0), np.uint64)
        versions = np.full(count, self._next_version(), np.int64)
        logged = LogRows(keys, np.array(list(rows), np.int64), list(rows.values()), versions)
        await self.columns.insert_log(NAMES.table(table), logged)

    async def put(self, collection: tables.Collection, document: dict[str, Any]) -> None:
        await self._put(collection, {"_v": self._next_version(), **document})

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        queries = build(self.documents, self.columns, self.blobs, reference_key=KEY, clock=lambda: self.clock)
        app = create_app(
            EdgeSettings(),
            title="test",
            version="test",
            rest=queries.rest,
            rest_only=queries.rest_only,
            root=queries.root,
            dependencies=queries.dependencies,
            checks=queries.checks,
        )
        transport = httpx.ASGITransport(served(app), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://tallybook.test") as client:
            yield client

    async def _put(self, collection: tables.Collection, document: dict[str, Any]) -> None:
        await self.documents.commit([Put(NAMES.collection(collection), document)])

    def _next_version(self) -> int:
        self._version += 1
        return self._version


class BlobReads:
    """Which blobs were read, and how many bytes since somebody looked."""

    def __init__(self, world: World) -> None:
        self._get = world.blobs.get
        self.keys: list[str] = []
        self.bytes = 0
        world.blobs.get = self  # type: ignore[method-assign]  # notes what is read

    async def __call__(self, key: str, start: int = 0, stop: int | None = None) -> bytes:
        data = await self._get(key, start, stop)
        self.keys.append(key)
        self.bytes += len(data)
        return data

    @property
    def runs(self) -> list[str]:
        """Whose each of them is."""
        return [key.split("/")[1] for key in self.keys]


def runs_of(body: bytes) -> dict[str, Any]:
    """The runs of a stream by id, in order of arrival, without progress."""
    return {str(key): tree for key, tree in items(body) if not str(key).startswith("progress")}


def progress_of(body: bytes) -> list[list[int]]:
    return [tree for key, tree in items(body) if str(key).startswith("progress")]


def _segments(run_id: str, params: Mapping[str | int, Any], metrics: Sequence[Logged]) -> RunSegments:
    claims = any(stored_values(dict(params)))
    user = {} if claims else {key: value for key, value in params.items() if key != "__system_params"}
    system = None if claims else params.get("__system_params")
    overviews = [{"name": m.name, "context": m.context, "values": {"last": m.values[-1]}} for m in metrics]
    return RunSegments(
        id=run_id,
        version=0,
        params=b"" if claims else encode_tree(user, (run_id, "params")),
        params_empty=not user and not claims,
        system_params=b"" if system is None else encode_tree(system, (run_id, "params", "__system_params")),
        traces=encode_tree(overviews, (run_id, "traces", "metric")),
        claims=claims,
    )


def _rows(run_id: str, incarnation: int, metric: Logged, version: int) -> PointRows:
    count = len(metric.values)
    return PointRows(
        [metric.name] * count,
        np.full(count, data_key(run_id, incarnation), np.uint64),
        np.full(count, context_key(metric.context), np.uint64),
        np.array(metric.all_steps, np.int64),
        np.array(metric.values, np.float64),
        np.full(count, np.nan),
        np.arange(count, dtype=np.float64) + NOW,
        np.full(count, version, np.int64),
    )
