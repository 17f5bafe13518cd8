"""A search text, compiled, beside what evaluating it needs; the language's errors as the client's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from contracts.read_models import ObjectSummary, RunDocument, SeriesSummary
from query_api.errors import query_errors
from query_api.language.budget import QueryBudget
from query_api.language.compiled import CompiledQuery, compile_query
from query_api.language.errors import EvaluationPutOff
from query_api.language.plan import QueryPlan
from query_api.language.scope import QueryKind
from query_api.language.views import QueryEnvironment
from query_api.queries.reads import Reads
from query_api.queries.run_views import ObjectSequence, StoredRun
from query_api.queries.turns import Turn
from stores.runs.catalog import Catalog

_NOTES = "notes"
_T = TypeVar("_T")
_Series = TypeVar("_Series", SeriesSummary, ObjectSummary)


@dataclass(frozen=True, slots=True)
class SearchText:
    """One request's search. The budget is shared by all its evaluations."""

    query: CompiledQuery
    plan: QueryPlan
    environment: QueryEnvironment
    reads_notes: bool
    """The text may ask for notes, which are not part of a run's document."""
    turn: Turn
    """Asked for before each evaluation of a run."""

    async def matches_run(self, run: StoredRun) -> bool:
        return await self._in_turns(lambda: self.query.matches_run(run, self.environment))

    async def run_may_match(self, run: StoredRun) -> bool:
        return await self._in_turns(lambda: self.query.run_may_match(run, self.environment))

    async def matching_series(self, run: StoredRun) -> list[SeriesSummary]:
        return await self._matching(run, run.summaries(), lambda one: one)

    async def matching_objects(self, run: StoredRun) -> list[ObjectSummary]:
        """Of the kind that is searched."""
        of_kind = [one for one in run.document.object_summaries() if one.kind == self.query.kind]
        return await self._matching(run, of_kind, ObjectSequence)

    async def _matching(self, run: StoredRun, series: list[_Series], view: Callable[[_Series], Any]) -> list[_Series]:
        names = self.plan.names
        asked = series if names is None else [one for one in series if one.name in names]
        found: list[_Series] = []
        decided = 0

        def go_on() -> None:
            nonlocal decided
            while decided < len(asked):
                one = asked[decided]
                if self.query.matches_sequence(run, view(one), self.environment):
                    found.append(one)
                # A later turn begins after this one.
                decided += 1
                if not self.turn.lasts:
                    return

        while decided < len(asked):
            await self._in_turns(go_on)
        return found

    async def _in_turns(self, evaluate: Callable[[], _T]) -> _T:
        """What needs more steps or time than one turn allows is begun again in a later one, which allows more."""
        while True:
            await self.turn.mine()
            self.environment.budget.allow_at_once(self.turn.steps, self.turn.seconds)
            try:
                with query_errors():
                    return evaluate()
            except EvaluationPutOff:
                self.turn.put_off()

    async def views(self, reads: Reads, runs: Sequence[RunDocument], catalog: Catalog) -> list[StoredRun]:
        """The runs as the language reads them."""
        notes = await reads.runs.notes_of(runs) if self.reads_notes else {}
        return [StoredRun(run, catalog, [note.text() for note in notes.get(run.id, ())]) for run in runs]


def read_search(text: str, kind: QueryKind, reads: Reads, tz_offset_minutes: int) -> SearchText:
    """Raises BadSyntax or BadQuery."""
    with query_errors():
        query = compile_query(text, kind)
        budget = QueryBudget(reads.ticks)
        return SearchText(
            query,
            query.plan(tz_offset_minutes),
            QueryEnvironment(tz_offset_minutes, reads.now, budget),
            _NOTES in text,
            reads.turns.turn(lambda: budget.spent_seconds),
        )
