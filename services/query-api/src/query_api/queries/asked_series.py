"""Which series of a run a request means that names it by name and context."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from contracts.aimcodec.paths import EMPTY_KEY
from contracts.aimcodec.values import integer_as_float
from contracts.keys import context_key
from contracts.read_models import ObjectSummary, SeriesSummary

_Summary = TypeVar("_Summary", bound=SeriesSummary | ObjectSummary)
_Named = tuple[str, int]


class AskedSeries(Generic[_Summary]):
    """The series of one run, or of one kind of a run's objects.

    A page has the context from an answer of ours and writes it as JSON of its own: 1.0 comes back as 1, an integer key
    as text, NaN as null. So a context that no series has is looked for once more among what pages make of them.
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
            self._of_pages = {_of_page(one.name, one.context): one for one in self._summaries}
        return self._of_pages.get(_of_page(name, context))


def _of_page(name: str, context: Mapping[str, Any]) -> _Named:
    return name, context_key(_written_by_page(context))


def _written_by_page(tree: Any) -> Any:
    if isinstance(tree, Mapping):
        return {str(key) or EMPTY_KEY: _written_by_page(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_written_by_page(element) for element in tree]
    if isinstance(tree, bool) or not isinstance(tree, int | float):
        return tree
    number = integer_as_float(tree) if isinstance(tree, int) else tree
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number
