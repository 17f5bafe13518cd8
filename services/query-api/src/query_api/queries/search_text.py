"""A search text, compiled, beside what evaluating it needs; the language's errors as the client's."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.read_models import ObjectSummary, RunDocument, SeriesSummary
from query_api.errors import query_errors
from query_api.language.budget import QueryBudget
from query_api.language.compiled import CompiledQuery, compile_query
from query_api.language.plan import QueryPlan
from query_api.language.scope import QueryKind
from query_api.language.views import QueryEnvironment
from query_api.queries.reads import Reads
from query_api.queries.run_views import ObjectSequence, StoredRun
from query_api.queries.turns import Turn
from stores.runs.catalog import Catalog

_NOTES = "notes"


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

    def matches_run(self, run: StoredRun) -> bool:
        with query_errors():
            return self.query.matches_run(run, self.environment)

    def run_may_match(self, run: StoredRun) -> bool:
        with query_errors():
            return self.query.run_may_match(run, self.environment)

    async def matching_series(self, run: StoredRun) -> list[SeriesSummary]:
        names = self.plan.names
        await self.turn.mine()
        with query_errors():
            return [
                one
                for one in run.summaries()
                if (names is None or one.name in names) and self.query.matches_sequence(run, one, self.environment)
            ]

    async def matching_objects(self, run: StoredRun) -> list[ObjectSummary]:
        """Of the kind that is searched."""
        names, kind = self.plan.names, self.query.kind
        await self.turn.mine()
        with query_errors():
            return [
                one
                for one in run.document.object_summaries()
                if one.kind == kind
                and (names is None or one.name in names)
                and self.query.matches_sequence(run, ObjectSequence(one), self.environment)
            ]

    async def views(self, reads: Reads, runs: Sequence[RunDocument], catalog: Catalog) -> list[StoredRun]:
        """The runs as the language reads them."""
        notes = await reads.runs.notes_of(runs) if self.reads_notes else {}
        return [StoredRun(run, catalog, [note.content for note in notes.get(run.id, ())]) for run in runs]


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
