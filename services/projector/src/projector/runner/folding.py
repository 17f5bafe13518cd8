"""One batch through the fold: what was decided, and the rows and documents that follow. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from contracts.errors import InvalidEvent
from contracts.position import Position
from contracts.read_models import Content, HistoryEntry, RunArtifact, RunNote
from contracts.read_models.history import CLAIMED
from contracts.read_models.logs import LogRows
from contracts.read_models.objects import ObjectRows
from contracts.read_models.points import PointRows
from contracts.tables import Collection
from contracts.topics import CATALOG
from projector.fold.catalog import fold_catalog
from projector.fold.catalog_state import CatalogState
from projector.fold.outcome import Applied, Outcome
from projector.fold.run_state import RunState
from projector.fold.runs import fold_run
from projector.projections import (
    board_contents,
    history,
    log_lines,
    log_records,
    objects,
    points,
    run_artifacts,
    run_notes,
    trash,
)
from projector.projections.points import PointRow
from projector.projections.purged import Purged, purged_by
from projector.projections.removed import Removed
from projector.runner.dead_letters import DeadLetter, letter_for
from projector.runner.reading import Described, Readable, Unreadable


@dataclass
class Folded:
    """What a batch came to. `runs_before` and `runs` hold the same runs, those whose state the batch changed."""

    catalog_before: CatalogState
    catalog: CatalogState
    catalog_version: int | None = None
    runs_before: dict[str, RunState | None] = field(default_factory=dict)
    runs: dict[str, RunState] = field(default_factory=dict)
    points: list[PointRows] = field(default_factory=list)
    listed: list[PointRow] = field(default_factory=list)
    objects: list[ObjectRows] = field(default_factory=list)
    lines: list[LogRows] = field(default_factory=list)
    records: list[LogRows] = field(default_factory=list)
    contents: list[tuple[Collection, Content | Removed]] = field(default_factory=list)
    notes: list[RunNote | Removed] = field(default_factory=list)
    artifacts: list[RunArtifact] = field(default_factory=list)
    taken_back: list[Removed] = field(default_factory=list)
    purged: list[Purged] = field(default_factory=list)
    history: list[HistoryEntry] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    applied: int = 0
    ignored: int = 0
    """Events that the states held already are in neither count."""


def fold_batch(
    events: Iterable[Readable | Unreadable], states: Mapping[str, RunState], catalog: CatalogState
) -> Folded:
    """The batch in the order given. `states` has every run of the batch that has one."""
    folding = _Folding(states, catalog)
    for each in events:
        folding.take(each)
    return folding.result


class _Folding:
    def __init__(self, states: Mapping[str, RunState], catalog: CatalogState) -> None:
        self._states = states
        self.result = Folded(catalog, catalog)

    def take(self, each: Readable | Unreadable) -> None:
        position = each.record.position
        if isinstance(each, Unreadable):
            self._refuse(each.record.key, position, each.error)
            if each.described is not None:
                self.result.history.append(_entry_of_unreadable(each.described, position, each.error))
            return
        try:
            outcome = self._decide(each, position)
        except InvalidEvent as error:
            self._refuse(each.record.key, position, error)
            self._note(each, position, error)
            return
        if outcome is not None:
            self._count(outcome)
            self._note(each, position, outcome)

    def _decide(self, each: Readable, position: Position) -> Outcome | None:
        if position.topic != CATALOG:
            return self._decide_run(each, position)
        result = self.result
        result.catalog, outcome = fold_catalog(result.catalog, each.recorded, position)
        result.catalog_version = position.version
        if isinstance(outcome, Applied):
            result.contents += board_contents.rows_for(outcome.event, position)
        return outcome

    def _decide_run(self, each: Readable, position: Position) -> Outcome | None:
        """None for an event that the state holds already: a crash between a commit's documents and its checkpoint.

        Its views are written then, since states are the last documents of a commit.
        """
        run_id, result = each.recorded.header.key, self.result
        before = result.runs.get(run_id) or self._states.get(run_id)
        if before is not None and position.version <= before.version:
            return None
        after, outcome = fold_run(before, each.recorded, position)
        if after is None:
            return outcome
        if isinstance(outcome, Applied):
            self._project(outcome, after, position)
        if run_id not in result.runs:
            result.runs_before[run_id] = before
        result.runs[run_id] = after
        return outcome

    def _project(self, applied: Applied, state: RunState, position: Position) -> None:
        result = self.result
        if (found := points.rows_for(applied, state, position)) is not None:
            result.points.append(found)
        result.listed += points.listed_rows(applied, state, position)
        if (tracked := objects.rows_for(applied, state, position)) is not None:
            result.objects.append(tracked)
        if (lines := log_lines.rows_for(applied, state, position)) is not None:
            result.lines.append(lines)
        if (records := log_records.rows_for(applied, state, position)) is not None:
            result.records.append(records)
        result.notes += run_notes.rows_for(applied.event, state, position)
        result.taken_back += trash.taken_back(applied.event, state, position)
        result.artifacts += run_artifacts.rows_for(applied.event, state, position)
        result.purged += purged_by(applied, state, position)

    def _count(self, outcome: Outcome) -> None:
        if isinstance(outcome, Applied):
            self.result.applied += 1
        else:
            self.result.ignored += 1

    def _note(self, each: Readable, position: Position, outcome: Outcome | InvalidEvent) -> None:
        entry = history.entry_for(each.recorded, position, outcome)
        if entry is not None:
            self.result.history.append(entry)

    def _refuse(self, key: str, position: Position, error: InvalidEvent) -> None:
        self.result.letters.append(letter_for(position, key, error.message))


def _entry_of_unreadable(described: Described, position: Position, error: InvalidEvent) -> HistoryEntry:
    return HistoryEntry(
        id=described.id,
        version=position.version,
        topic=position.topic,
        partition=position.partition,
        offset=position.offset,
        key=described.key,
        type=described.type,
        recorded_at=described.recorded_at,
        actor=described.actor or CLAIMED,
        request_id=described.request_id,
        outcome="invalid",
        reason=error.message,
        code="bad_request",
    )
