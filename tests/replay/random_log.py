"""Logs of random events of many runs and of the catalog: what clients and users do, and what nobody should do."""

import random
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from contracts.blobs import Blob
from contracts.envelope import Dedupe, Header, Recorded, encode
from contracts.events import (
    AppDeleted,
    AppSaved,
    ArtifactAdded,
    Custom,
    DashboardArchived,
    DashboardSaved,
    Event,
    ExperimentArchived,
    ExperimentChanged,
    ExperimentCreated,
    ExperimentDeleted,
    ExperimentDescribed,
    ExperimentNoteAdded,
    ExperimentNoteDeleted,
    ExperimentNoteEdited,
    ExperimentRenamed,
    ExperimentUnarchived,
    Image,
    Item,
    LogLine,
    LogLinesAppended,
    LogRecord,
    LogRecordsAppended,
    MetricsTracked,
    ObjectKind,
    ObjectRow,
    ObjectSeries,
    ObjectsTracked,
    ParamsDeleted,
    ParamsSet,
    PinnedSequence,
    Point,
    PointsTracked,
    ReportDeleted,
    ReportSaved,
    RunArchived,
    RunCreated,
    RunDeleted,
    RunDescribed,
    RunFinished,
    RunMovedToExperiment,
    RunNoteAdded,
    RunNoteDeleted,
    RunNoteEdited,
    RunPurged,
    RunRenamed,
    RunResumed,
    RunTagged,
    RunUnarchived,
    RunUndeleted,
    RunUntagged,
    SequencesPinned,
    Series,
    TagChanged,
    TagCreated,
    TagDeleted,
    Text,
    TombstoneCleared,
)
from contracts.metric_points import NEXT_STEP, MetricColumns, pack_columns
from contracts.topics import CATALOG, CATALOG_KEY, RUNS, partition_for
from contracts.trees import Tree, set_aside
from stores.eventlog.port import NewRecord

START = 1_700_000_000.0
_NAMES = ("loss", "accuracy", "lr", "грош")
_CONTEXTS: tuple[dict[str, str | int], ...] = ({}, {"subset": "train"}, {"subset": "val", "fold": 2})


def random_records(seed: int, count: int, *, runs: int = 8, generation: int = 1) -> list[NewRecord]:
    """`count` records in the order of one log; the same seed gives the same bytes. About one in forty is invalid."""
    return _Author(random.Random(seed), f"{seed}-", runs, generation).write(count)


class _Author:
    def __init__(self, chance: random.Random, prefix: str, runs: int, generation: int) -> None:
        self._chance = chance
        self._prefix = prefix  # logs of several seeds may be put together, and an id is given once
        self._run_ids = [f"run-{number}" for number in range(runs)]
        self._generation = generation
        self._written = 0
        self._sent: list[tuple[str, Event, Dedupe]] = []

    def write(self, count: int) -> list[NewRecord]:
        return [self._record() for _ in range(count)]

    def _record(self) -> NewRecord:
        self._written += 1
        lot = self._chance.random()
        if lot < 0.025:
            return self._invalid()
        if lot < 0.3:
            return self._of(CATALOG, CATALOG_KEY, self._catalog_event())
        if lot < 0.35 and self._sent:
            return self._of(RUNS, *self._chance.choice(self._sent))
        run_id = self._chance.choice(self._run_ids)
        event = self._run_event(run_id)
        dedupe = Dedupe(f"batch-{self._chance.randrange(50)}", self._chance.randrange(20)) if lot < 0.6 else None
        if dedupe is not None:
            self._sent.append((run_id, event, dedupe))
        return self._of(RUNS, run_id, event, dedupe)

    def _of(self, topic: str, key: str, event: Event, dedupe: Dedupe | None = None) -> NewRecord:
        header = Header(
            id=f"event-{self._prefix}{self._written}",
            key=key,
            recorded_at=START + self._written,
            generation=self._generation,
            actor=self._chance.choice([None, "ada", "emmy"]),
            dedupe=dedupe,
        )
        return NewRecord(topic, partition_for(topic, key), key, encode(Recorded(header=header, event=event)))

    def _invalid(self) -> NewRecord:
        run_id = self._chance.choice(self._run_ids)
        good = self._of(RUNS, run_id, self._metrics())
        kind = self._chance.randrange(7)
        if kind == 0:
            return good._replace(value=self._chance.randbytes(40))
        if kind == 1:
            return good._replace(key=f"{run_id}x")
        if kind == 2:
            return self._of(CATALOG, run_id, RunArchived())
        if kind == 3:
            return self._of(RUNS, run_id, LogLinesAppended(lines=(LogLine(-1, "before the first"),)))
        if kind == 4:
            return self._of(RUNS, run_id, LogRecordsAppended(records=()))
        if kind == 5:
            misplaced = ObjectRow(0, 0, None, START, False, (Text("no image"),))
            return self._of(RUNS, run_id, ObjectsTracked(series=(ObjectSeries("images", "a", {}),), rows=(misplaced,)))
        tracked = MetricsTracked(series=(Series("loss", {}),), count=3, points=b"no points")
        return self._of(RUNS, run_id, tracked)

    def _run_event(self, run_id: str) -> Event:
        lot = self._chance.random()
        if lot < 0.5:
            makers = (self._metrics, self._metrics, self._objects, self._lines, self._records)
            return self._chance.choice(makers)()
        kinds: list[Callable[[], Event]] = [
            lambda: RunCreated(at=self._time()),
            lambda: RunResumed(at=self._time(), by=self._by()),
            lambda: RunFinished(at=self._time(), reason=self._chance.choice(("client", "user", "stale"))),
            lambda: RunRenamed(name=self._word(), by=self._by()),
            lambda: RunDescribed(description=self._word(), by=self._by()),
            lambda: RunMovedToExperiment(experiment_id=self._chance.choice([None, self._id("experiment")])),
            lambda: RunArchived(by=self._by()),
            lambda: RunUnarchived(),
            lambda: RunDeleted(),
            lambda: RunDeleted(),
            lambda: RunUndeleted(),
            self._purge,
            self._purge,
            self._purge,
            self._purge,
            lambda: TombstoneCleared(),
            lambda: TombstoneCleared(incarnation=self._chance.randrange(1, 4)),
            self._params,
            self._params,
            lambda: ParamsDeleted(path=self._path()),
            self._artifact,
            self._artifact,
            lambda: RunNoteEdited(note_id=self._id(f"{run_id}-note"), content=self._text(), at=self._time()),
            lambda: RunNoteDeleted(note_id=self._id(f"{run_id}-note")),
            lambda: RunNoteAdded(note_id=self._id(f"{run_id}-note"), content="", at=self._time(), by="client"),
            lambda: RunTagged(tag_id=self._id("tag"), name=self._word(), by=self._by()),
            lambda: RunUntagged(tag_ids=(self._id("tag"),), name=self._chance.choice([None, self._word()])),
            lambda: RunNoteAdded(note_id=f"note-{self._prefix}{self._written}", content=self._text(), at=self._time()),
        ]
        return self._chance.choice(kinds)()

    def _catalog_event(self) -> Event:
        kinds: list[Callable[[], Event]] = [
            lambda: ExperimentCreated(experiment_id=self._id("experiment"), name=self._word(), at=self._time()),
            lambda: ExperimentCreated(experiment_id=self._id("experiment"), name=self._word(), at=self._time()),
            lambda: ExperimentChanged(
                experiment_id=self._id("experiment"), name=self._chance.choice((None, self._word())), archived=True
            ),
            lambda: ExperimentRenamed(experiment_id=self._id("experiment"), name=self._word()),
            lambda: ExperimentDescribed(experiment_id=self._id("experiment"), description=self._word()),
            lambda: ExperimentArchived(experiment_id=self._id("experiment")),
            lambda: ExperimentUnarchived(experiment_id=self._id("experiment")),
            lambda: TagCreated(tag_id=self._id("tag"), name=self._word(), color="#123456"),
            lambda: TagCreated(tag_id=self._id("tag"), name=self._word()),
            lambda: TagChanged(tag_id=self._id("tag"), name=self._chance.choice((None, self._word())), color=""),
            lambda: TagDeleted(tag_id=self._id("tag")),
            lambda: ExperimentDeleted(experiment_id=self._id("experiment")),
            lambda: self._of_note(ExperimentNoteAdded, content=self._text(), at=self._time()),
            lambda: self._of_note(ExperimentNoteAdded, content=self._word(), at=self._time()),
            lambda: self._of_note(ExperimentNoteEdited, content=self._text(), at=self._time()),
            lambda: self._of_note(ExperimentNoteDeleted),
            lambda: SequencesPinned(sequences=(PinnedSequence(self._chance.choice(_NAMES), {"subset": "val"}),)),
            *[self._saved_page] * 5,
        ]
        return self._chance.choice(kinds)()

    def _saved_page(self) -> Event:
        """Of few apps, dashboards and reports, made twice as often as removed: some are there, some are gone."""
        app, dashboard, report = (f"{kind}-{self._chance.randrange(5)}" for kind in ("app", "dashboard", "report"))
        claim, _ = set_aside("a state or a code that is too large")
        state = self._chance.choice(['{"z": 1.0}', '{"a": {}}', claim])
        at, word = self._time(), self._word()
        name, shown = self._chance.choice([None, word]), self._chance.choice([None, app])
        kinds: list[Callable[[], Event]] = [
            lambda: AppSaved(app_id=app, new=True, kind=word, state=state, at=at),
            lambda: AppSaved(app_id=app, new=True, kind=word, state=state, at=at),
            lambda: AppSaved(app_id=app, kind=name, state=self._chance.choice([None, state]), at=at),
            lambda: AppDeleted(app_id=app),
            lambda: DashboardSaved(dashboard_id=dashboard, new=True, name=word, app_id=shown, at=at),
            lambda: DashboardSaved(dashboard_id=dashboard, new=True, name=word, app_id=shown, at=at),
            lambda: DashboardSaved(dashboard_id=dashboard, name=name, description=word, app_id=shown, at=at),
            lambda: DashboardArchived(dashboard_id=dashboard),
            lambda: ReportSaved(report_id=report, new=True, name=word, code=self._chance.choice([None, claim]), at=at),
            lambda: ReportSaved(report_id=report, new=True, name=word, code="# words", at=at),
            lambda: ReportSaved(report_id=report, name=name, code=self._chance.choice([None, ""]), at=at),
            lambda: ReportDeleted(report_id=report),
        ]
        return self._chance.choice(kinds)()

    def _of_note(self, kind: type[Event], **fields: Any) -> Event:
        """Most notes are of the experiment that has their number."""
        number = self._chance.randrange(4)
        owner = f"experiment-{number}" if self._chance.random() < 0.8 else self._id("experiment")
        return kind(experiment_id=owner, note_id=f"note-{number}", **fields)

    def _text(self) -> Tree:
        """Of a note."""
        return self._chance.choice([self._word(), set_aside("a note that is too large")[0]])

    def _purge(self) -> Event:
        return RunPurged(incarnation=self._chance.choice((1, 1, 1, 2)))

    def _params(self) -> Event:
        if self._chance.random() < 0.2:
            return ParamsSet(path=self._path(), value={"a": self._word(), "opt": {"lr": 0.1}}, merge=True)
        claim, _ = set_aside("a value that is too large")
        value = self._chance.choice([1, 0.5, None, "text", True, [1, {"a": 2}], {"b": {"c": -1}}, 1 << 80, claim])
        return ParamsSet(path=self._path(), value=value)

    def _path(self) -> tuple[str | int, ...]:
        return tuple(self._chance.choice(("model", "opt", 3, "deep")) for _ in range(self._chance.randrange(1, 4)))

    def _objects(self) -> Event:
        """A few series at a few steps, some of them several times."""
        kinds: tuple[ObjectKind, ...] = ("images", "texts", "custom")
        table = tuple(
            ObjectSeries(self._chance.choice(kinds), self._chance.choice(_NAMES[:2]), self._chance.choice(_CONTEXTS))
            for _ in range(self._chance.randrange(1, 4))
        )
        rows = []
        for _ in range(self._chance.randrange(1, 6)):
            series = self._chance.randrange(len(table))
            listed = self._chance.random() < 0.5
            items = tuple(self._item(table[series].kind) for _ in range(self._chance.randrange(4) if listed else 1))
            step = self._chance.choice((NEXT_STEP, self._chance.randrange(-2, 8)))
            rows.append(ObjectRow(series, step, self._chance.choice((None, 1.0)), self._time(), listed, items))
        return ObjectsTracked(series=table, rows=tuple(rows))

    def _item(self, kind: ObjectKind) -> Item:
        if kind == "images":
            return Image(Blob(key=f"run/{self._word()}.png"), caption=self._word())
        return Text(self._word()) if kind == "texts" else Custom({"value": 1 << 80, "word": self._word()})

    def _lines(self) -> Event:
        start = self._chance.randrange(10)
        numbers = range(start, start + self._chance.randrange(1, 6))
        lines = tuple(LogLine(number, self._word()) for number in [*numbers, numbers[-1]])
        return LogLinesAppended(lines=lines, absolute=self._chance.random() < 0.2)

    def _records(self) -> Event:
        return LogRecordsAppended(
            records=tuple(
                LogRecord(self._word(), 20, self._time(), {"n": 1}, number=self._chance.choice((None, None, 3)))
                for _ in range(self._chance.randrange(1, 4))
            )
        )

    def _artifact(self) -> Event:
        path = self._chance.choice(("weights.bin", "out/a.txt", "out/b.txt", "seq/loss/1.png"))
        return ArtifactAdded(path=path, name=path, blob=Blob(hash=f"{self._written:064x}", size=self._written))

    def _metrics(self) -> MetricsTracked | PointsTracked:
        table = tuple(
            Series(
                self._chance.choice(_NAMES), self._chance.choice(_CONTEXTS), self._chance.choice((None, "int", "float"))
            )
            for _ in range(self._chance.randrange(1, 4))
        )
        count = self._chance.randrange(1, 30)
        draw = np.random.default_rng(self._chance.getrandbits(32))
        steps = np.where(draw.random(count) < 0.4, NEXT_STEP, draw.integers(-3, 25, count))
        values = np.where(draw.random(count) < 0.1, np.nan, np.round(draw.normal(size=count), 1))
        columns = MetricColumns(
            series=draw.integers(0, len(table), count),
            steps=steps.astype(np.int64),
            values=values,
            epochs=np.where(draw.random(count) < 0.5, np.nan, 1.0),
            times=START + self._written + draw.random(count),
        )
        if self._chance.random() < 0.5:
            return PointsTracked(series=table, points=tuple(map(_listed, *_lists(columns))))
        return MetricsTracked(series=table, count=count, points=pack_columns(columns))

    def _time(self) -> float:
        return START + self._written - self._chance.random()

    def _by(self) -> Literal["client", "user"]:
        return self._chance.choice(("client", "user"))

    def _word(self) -> str:
        return self._chance.choice(("alpha", "beta", "gamma", "delta", "épsilon"))

    def _id(self, kind: str) -> str:
        return f"{kind}-{self._chance.randrange(12)}"


def _lists(columns: MetricColumns) -> tuple[list[Any], ...]:
    of = (columns.series, columns.steps, columns.values, columns.epochs, columns.times)
    return tuple(column.tolist() for column in of)


def _listed(series: int, step: int, value: float, epoch: float, time: float) -> Point:
    return Point(series, None if step == NEXT_STEP else step, value, None if epoch != epoch else epoch, time)
