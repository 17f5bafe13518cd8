"""What a recording of a row may have that an answer need not: for further vectors that do not say so themselves."""

from collections.abc import Mapping
from dataclasses import replace

from tests.vectors.rows import row_of
from tests.vectors_support import Case
from tests.vectors_support.comparing import TOKENS_GROUPED_BY_RUN

from contracts.routes import AIM_PREFIX

_SEARCHES_OF_OBJECTS = range(24, 29)
_BATCHES_OF_OBJECTS = range(29, 34)
_STEPS_OF_OBJECTS = range(34, 39)

_COLUMNS = ("**.values", "**.iters", "**.epochs", "**.timestamps")
_AXES = {
    "x-axis-iters-are-hashes": ("**.x_axis_iters",),
    "x-axis-zero-dropped": ("**.x_axis_iters", "**.x_axis_values"),
}
_INDEX_RANGE = {"used-index-range-is-called-index_range": ("items.*.0",)}
_WRAPPED: Mapping[str, tuple[str, ...]] = {"wrapped-epochs-and-timestamps": ("**.epochs", "**.timestamps")}
_GROUPED_TOKENS: Mapping[str, tuple[str, ...]] = {TOKENS_GROUPED_BY_RUN: ()}
_STEP: Mapping[str, tuple[str, ...]] = {**_INDEX_RANGE, "missing-step-gives-empty-sequence": ()}

_BY_ROW: dict[int, Mapping[str, tuple[str, ...]]] = {
    1: {
        "placeholder-last-value": ("**.last_value",),
        "log-kinds-always-empty": ("value.traces.logs", "value.traces.log_records"),
    },
    20: _AXES,
    22: _AXES,
    23: {"integers-become-floats": ("value.*.values",)},
    63: {"system-params-listed": ("value.params.__system_params",)},
    **dict.fromkeys(_SEARCHES_OF_OBJECTS, _WRAPPED),
    **dict.fromkeys(_BATCHES_OF_OBJECTS, _INDEX_RANGE),
    **dict.fromkeys(_STEPS_OF_OBJECTS, _STEP),
    **dict.fromkeys((39, 40), _GROUPED_TOKENS),
}
"""Patterns by quirk, as our own vectors have them."""


def with_usual_quirks(case: Case) -> Case:
    """The case as it is if it names its quirks; steps of scenarios never do."""
    if case.quirks:
        return case
    request = case.request
    row = row_of(request.method, request.path) if request.path.startswith(AIM_PREFIX) else None
    quirks = dict(_BY_ROW.get(row or 0, {}))
    if row == 17 and not request.query.get("record_range", "").strip():
        quirks["log-tail-has-201-lines"] = ("items",)
    if row in _BATCHES_OF_OBJECTS and isinstance(request.body, list) and len(request.body) > 1:
        quirks["range-start-after-zero"] = ("**.record_range_total", "**.record_range_used", *_COLUMNS)
    return replace(case, quirks=quirks)
