"""Which series of a run a request means that names it by name and context."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from contracts.aimcodec.paths import EMPTY_KEY
from contracts.aimcodec.values import integer_as_float
from contracts.keys import context_key
from contracts.read_models import ObjectSummary, SeriesSummary
from query_api.queries.json_values import json_number

_Summary = TypeVar("_Summary", bound=SeriesSummary | ObjectSummary)
_Named = tuple[str, int]


class AskedSeries(Generic[_Summary]):
    """The series of one run, or of one kind of a run's objects.

    A page has the context from an answer of ours and writes it as JSON of its own: 1.0 comes back as 1, an integer key
    as text, and NaN as null if it came in a stream, as the text NaN if it came as JSON. So a context that no series
    has is looked for once more among what pages make of them.
    """

    def __init__(self, summaries: Sequence[_Summary]) -> None:
        self._summaries = summaries
        self._exact = {(one.name, context_key(one.context)): one for one in summaries}
        self._of_pages: dict[_Named, _Summary] | None = None

    def find(self, name: str, context: Mapping[str, Any]) -> _Summary | None:
        found = self._exact.get((name, context_key(context)))
        if found is not None or not context:
            return found
        if self._of_pages is None:
            self._of_pages = {}
            for source in (_FROM_STREAM, _FROM_JSON):
                for one in self._summaries:
                    self._of_pages.setdefault((one.name, context_key(_written(one.context, source))), one)
        try:
            written = _written(context, _FROM_JSON)
        except RecursionError:
            # Nested more deeply than any context that was stored.
            return None
        return self._of_pages.get((name, context_key(written)))


@dataclass(frozen=True, slots=True)
class _Source:
    """What a page was given instead of an empty key, and of a number that is not finite."""

    empty_key: str
    not_finite: Callable[[float], str | None]


_FROM_STREAM = _Source(EMPTY_KEY, lambda _: None)
_FROM_JSON = _Source("", lambda number: str(json_number(number)))


def _written(tree: Any, source: _Source) -> Any:
    """As a page writes a tree that it has from there."""
    if isinstance(tree, Mapping):
        return {str(key) or source.empty_key: _written(value, source) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_written(element, source) for element in tree]
    if isinstance(tree, bool) or not isinstance(tree, int | float):
        return tree
    number = integer_as_float(tree) if isinstance(tree, int) else tree
    if not math.isfinite(number):
        return source.not_finite(number)
    return int(number) if number.is_integer() else number
