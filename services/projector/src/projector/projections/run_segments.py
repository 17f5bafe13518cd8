"""View `run_segments`: the pieces of a run's frames that cost most to encode, ready to be sent."""

from collections.abc import Callable
from typing import Any

from contracts.aimcodec.records import encode_tree
from contracts.read_models import RunSegments, SeriesSummary
from contracts.read_models.segments import ParamSegments, param_segments
from contracts.trees import stored_values
from projector.fold.run_state import RunState
from projector.projections.series_order import ordered_series

_EXACT_INTEGERS = 1 << 53
_VALUES_VERSION = 2  # what the UIs have always been sent; none reads it


def segments_for(state: RunState) -> RunSegments:
    claims = any(stored_values(state.params))
    ready = ParamSegments(b"", False, b"") if claims else param_segments(state.run_id, state.params)
    return RunSegments(
        id=state.run_id,
        version=max(state.params_version, state.series_version),
        params=ready.params,
        params_empty=ready.params_empty,
        system_params=ready.system_params,
        traces=encode_tree([overview(one) for one in ordered_series(state)], (state.run_id, "traces", "metric")),
        claims=claims,
    )


def overview(summary: SeriesSummary) -> dict[str, Any]:
    """One series as run searches show it: integers as integers, no min and no max if all values are NaN."""
    number = _SHOWN_AS[summary.dtype]
    values: dict[str, Any] = {
        "dtype": summary.dtype,
        "version": _VALUES_VERSION,
        "first_step": summary.first_step,
        "first": number(summary.first),
        "last_step": summary.last_step,
        "last": number(summary.last),
    }
    if summary.min is not None and summary.max is not None:
        values |= {"min": number(summary.min), "max": number(summary.max)}
    return {"name": summary.name, "context": summary.context, "values": values}


def _integer_if_whole(value: float) -> int | float:
    """Of a mixed series the summary does not say which values were integers; nearly always it is the whole ones."""
    return int(value) if value.is_integer() and abs(value) < _EXACT_INTEGERS else value


_SHOWN_AS: dict[str, Callable[[float], int | float]] = {"int": int, "float": float, "number": _integer_if_whole}
