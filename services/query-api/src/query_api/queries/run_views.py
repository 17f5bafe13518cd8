"""A stored run as the query language reads it."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from contracts.read_models import ObjectSummary, RunDocument, SeriesSummary
from contracts.trees import Tree, stored_values, with_values
from query_api.language.values import same_context
from stores.blobs.values import BlobValues
from stores.runs.catalog import Catalog
from stores.runs.large_params import whole_run

_NAME = attrgetter("name")


@dataclass(frozen=True, slots=True)
class ObjectSequence:
    """A series of objects as the language reads it: it has no last value."""

    summary: ObjectSummary
    last: None = None

    @property
    def name(self) -> str:
        return self.summary.name

    @property
    def context(self) -> Mapping[str, Any]:
        return self.summary.context

    @property
    def first_step(self) -> int:
        return self.summary.first_step

    @property
    def last_step(self) -> int:
        return self.summary.last_step

    @property
    def dtype(self) -> str | None:
        return self.summary.dtype


class ValuesNotRead(Exception):  # nothing is wrong: ask `whole` of the run once more
    """A query asks for params or notes, of which some lie in the blob store."""


class StoredRun:
    """Lazy: packed params and series are read when a query first asks for them, and once.

    notes: their texts, or StoredValues of them.
    """

    __slots__ = ("_catalog", "_notes", "_params", "_summaries", "document")

    def __init__(self, document: RunDocument, catalog: Catalog, notes: Sequence[Tree] = ()) -> None:
        self.document = document
        self._catalog = catalog
        self._notes = list(notes)
        self._params: dict[str, Any] | None = None
        self._summaries: list[SeriesSummary] | None = None

    async def whole(self, values: BlobValues) -> "StoredRun":
        """The same run with what of it lies in the blob store; let it go soon. Raises StoreUnavailable."""
        notes = await values.load(self.hash, stored_values(self._notes))
        return StoredRun(await whole_run(values, self.document), self._catalog, with_values(self._notes, notes))

    @property
    def hash(self) -> str:
        return self.document.id

    @property
    def name(self) -> str:
        return self.document.name

    @property
    def description(self) -> str | None:
        return self.document.description

    @property
    def experiment(self) -> str | None:
        experiment = self._catalog.experiment(self.document.experiment_id)
        return None if experiment is None else experiment.name

    @property
    def tags(self) -> list[str]:
        found = dict.fromkeys(map(self._catalog.resolve, self.document.tag_ids))
        tags = (self._catalog.tags.get(tag_id) for tag_id in found)
        return [tag.name for tag in tags if tag is not None and not tag.archived]

    @property
    def archived(self) -> bool:
        return self.document.archived

    @property
    def active(self) -> bool:
        return self.document.active

    @property
    def creation_time(self) -> float:
        return self.document.created_at

    @property
    def end_time(self) -> float | None:
        return None if self.document.active else self.document.ended_at

    @property
    def updated_at(self) -> float | None:
        return self.document.updated_at

    def params(self) -> dict[str, Any]:
        """Raises ValuesNotRead."""
        if self.document.claims:
            raise ValuesNotRead
        if self._params is None:
            self._params = self.document.params_tree()  # type: ignore[assignment]  # keys may be integers too
        return self._params  # type: ignore[return-value]  # was set just now

    def metric(self, name: str, context: Mapping[str, Any]) -> SeriesSummary | None:
        # Ordered by name: a query may ask each of thousands of runs for many of its thousands of series.
        summaries = self.summaries()
        for at in range(bisect_left(summaries, name, key=_NAME), len(summaries)):
            if summaries[at].name != name:
                break
            if same_context(summaries[at].context, context):
                return summaries[at]
        return None

    def notes(self) -> Sequence[str]:
        """Raises ValuesNotRead."""
        if any(stored_values(self._notes)):
            raise ValuesNotRead
        return self._notes

    def summaries(self) -> list[SeriesSummary]:
        if self._summaries is None:
            self._summaries = self.document.summaries()
        return self._summaries
