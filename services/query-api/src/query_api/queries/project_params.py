"""Row 63: which params and sequences exist in all runs together, for the UIs' query forms."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import aclosing
from typing import Any

from contracts.read_models import RunDocument
from contracts.trees import Tree, canonical_json
from query_api.queries.hidden_params import shown_params
from query_api.queries.json_values import json_tree
from query_api.queries.reads import Reads
from query_api.queries.sequence_kinds import METRIC, check_kinds
from stores.runs.large_params import whole_run

_EXAMPLE = "__example_type__"
Shape = dict[str, Any]
"""Keys of params to shapes; a leaf holds the name of its type, since a null would break the forms."""


async def project_params(reads: Reads, kinds: Sequence[str] | None, *, exclude_params: bool) -> dict[str, Any]:
    """`params`, unless excluded, and each wanted kind of sequence: name to distinct contexts.

    kinds: None for all. Raises BadRequest for an unknown kind.
    """
    wanted = check_kinds(kinds)
    union = _Union(wanted, params=not exclude_params)
    async with aclosing(reads.runs.newest_first()) as batches:
        async for runs in batches:
            for part in _parts(runs):
                whole = part if exclude_params else [await whole_run(reads.values, run) for run in part]
                await asyncio.to_thread(union.add, whole)
    answer: dict[str, Any] = {} if exclude_params else {"params": union.shape}
    for kind in wanted:
        answer[kind] = {name: list(contexts.values()) for name, contexts in union.sequences[kind].items()}
    return answer


def _parts(runs: Sequence[RunDocument]) -> Iterator[Sequence[RunDocument]]:
    """In order; a run with large params is one alone."""
    begin = 0
    for place, run in enumerate(runs):
        if run.claims:
            yield runs[begin:place]
            yield [run]
            begin = place + 1
    yield runs[begin:]


class _Union:
    """sequences: by kind and name the distinct contexts, by their canonical text."""

    def __init__(self, kinds: Sequence[str], *, params: bool) -> None:
        self.shape: Shape = {}
        self.sequences: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in kinds}
        self._params = params
        self._metrics = METRIC in kinds
        self._objects = any(kind != METRIC for kind in kinds)

    def add(self, runs: Sequence[RunDocument]) -> None:
        for run in runs:
            if self._params:
                _add_members(self.shape, shown_params(run.params_tree(), system=False).items())
            for metric in run.summaries() if self._metrics else ():
                self._add_sequence(METRIC, metric.name, metric.context)
            for one in run.object_summaries() if self._objects else ():
                self._add_sequence(one.kind, one.name, one.context)

    def _add_sequence(self, kind: str, name: str, context: dict[str, Any]) -> None:
        if kind in self.sequences:
            contexts = self.sequences[kind].setdefault(name, {})
            contexts.setdefault(canonical_json(context), json_tree(context))


def _add_members(shape: Shape, members: Iterable[tuple[str | int, Tree]]) -> None:
    for key, value in members:
        _add(shape.setdefault(str(key), {}), value)


def _add(shape: Shape, value: Tree) -> None:
    """An object only adds its members; a list is an object of its indices that knows its own type."""
    if isinstance(value, dict):
        _add_members(shape, value.items())
        return
    if isinstance(value, list):
        _add_members(shape, enumerate(value))
    shape.setdefault(_EXAMPLE, f"<class '{type(value).__name__}'>")
