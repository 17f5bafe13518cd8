"""Whether the points of an answer are a fair sample of what was logged, whatever the rule of sampling."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.vectors_support.cases import Case
from tests.vectors_support.dataset import Series, context_text, logged_metrics, same_number

_ARRAYS = ("values", "iters", "epochs", "timestamps", "x_axis_values", "x_axis_iters")
SAMPLED_PATHS = (
    *(f"items.*.1.traces.*.{name}" for name in _ARRAYS),
    *(f"items.*.1.*.{name}" for name in _ARRAYS),
    *(f"value.*.{name}" for name in _ARRAYS),
)
"""Patterns of what `sampling_faults` looks at instead of a comparison."""

_EVERY_POINT = -1
_DEFAULT_POINTS = 50
_BATCH_POINTS = 200
_HASHED_STEPS = "x-axis-iters-are-hashes"


@dataclass(frozen=True)
class _Checks:
    """x_axis: name of the metric, None without. hashed_steps: `x_axis_iters` are not steps and not looked at."""

    x_axis: str | None
    hashed_steps: bool
    timestamps: bool


def sampling_faults(
    case: Case, decoded: dict[str, Any], copied_quirks: Collection[str], comparable: Collection[str]
) -> list[str]:
    """Faults of a metric search, an alignment or a batch of metrics, one sentence each.

    Every point is as logged, steps rise, there are at most as many as asked for, all when no more were logged, and both
    ends are there when two or more are asked for. Times are looked at when `**.timestamps` is comparable.
    """
    body = case.request.body
    x_axis = body["align_by"] if isinstance(body, dict) else case.request.query.get("x_axis")
    checks = _Checks(x_axis.strip() if x_axis else None, _HASHED_STEPS in copied_quirks, "**.timestamps" in comparable)
    return [
        f"{run_id} {trace['name']} {context_text(trace['context'])}: {fault}"
        for run_id, trace, most in _traces(case, decoded)
        for fault in _trace_faults(run_id, trace, most, checks)
    ]


def _traces(case: Case, decoded: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], int]]:
    """Run id, trace and most points of every trace of the answer."""
    if decoded["kind"] == "json":
        run_id = case.request.path.split("/")[3]
        yield from ((run_id, trace, _BATCH_POINTS) for trace in decoded["value"])
        return
    asked = _asked_for(case)
    for run_id, tree in decoded["items"]:
        if isinstance(tree, dict):
            most = int(case.request.query.get("p", _DEFAULT_POINTS))
            yield from ((run_id, trace, most) for trace in tree["traces"])
        elif asked:
            yield from ((run_id, trace, asked[run_id, trace["name"], context_text(trace["context"])]) for trace in tree)


def _asked_for(case: Case) -> dict[tuple[str, str, str], int]:
    """Densities of an alignment by run id, name and context."""
    body = case.request.body
    return {
        (run["run_id"], trace["name"], context_text(trace["context"])): trace["slice"][2]
        for run in (body["runs"] if isinstance(body, dict) else ())
        for trace in run["traces"]
    }


def _trace_faults(run_id: str, trace: dict[str, Any], most: int, checks: _Checks) -> Iterator[str]:
    context = context_text(trace["context"])
    logged = logged_metrics().get((run_id, trace["name"], context))
    if logged is None:
        # An alignment keeps the place of what it does not know.
        if "iters" in trace or trace["x_axis_values"] is not None:
            yield "was never logged"
        return
    if "iters" in trace:
        steps = _steps(trace["iters"])
        yield from _step_faults(steps, sorted(logged), most)
        yield from _column_faults(trace, steps, logged, checks)
    else:
        steps = sorted(logged)
    if "x_axis_values" in trace:
        axis = logged_metrics().get((run_id, checks.x_axis or "", context), {})
        yield from _axis_faults(trace, {step: axis[step].value for step in steps if step in axis}, most, checks)


def _step_faults(steps: list[int], logged: list[int], most: int) -> Iterator[str]:
    if steps != sorted(set(steps)):
        yield "steps do not rise"
    if strangers := set(steps) - set(logged):
        yield f"steps {sorted(strangers)[:5]} were never logged"
    limit = len(logged) if most == _EVERY_POINT else most
    if len(steps) > limit:
        yield f"{len(steps)} points are more than {limit}"
    if len(logged) <= limit and len(steps) < len(logged):
        yield f"{len(steps)} points instead of all {len(logged)}"
    if limit >= 2 and not {logged[0], logged[-1]} <= set(steps):
        yield f"an end is missing: steps {logged[0]} and {logged[-1]} were logged"


def _column_faults(trace: dict[str, Any], steps: list[int], logged: Series, checks: _Checks) -> Iterator[str]:
    of_json = isinstance(trace.get("values"), list)
    points = [logged[step] for step in steps if step in logged]
    columns: dict[str, list[float | None]] = {"values": [_finite(p.value) if of_json else p.value for p in points]}
    if not of_json:
        columns["epochs"] = [point.epoch for point in points]
    if checks.timestamps and not of_json:
        columns["timestamps"] = [point.time for point in points]
    for name, expected in columns.items():
        actual = _numbers(trace.get(name) or [])
        if len(actual) != len(steps):
            yield f"{len(actual)} {name} for {len(steps)} steps"
        elif wrong := [step for step, *pair in zip(steps, expected, actual, strict=True) if not same_number(*pair)]:
            yield f"{name} at steps {wrong[:5]} are not as logged"


def _axis_faults(trace: dict[str, Any], axis: dict[int, float], most: int, checks: _Checks) -> Iterator[str]:
    """axis: value by step where the trace, or its returned points, and the x axis have one. Zeros may be left out."""
    if trace["x_axis_values"] is None:
        if any(axis.values()):
            yield f"has no x axis although {len(axis)} steps have a value on it"
        return
    values = _numbers(trace["x_axis_values"])
    needed = [value for value in axis.values() if value]
    if "iters" in trace and not _same_numbers(values, list(axis.values())) and not _same_numbers(values, needed):
        yield "values on the x axis are not as logged"
    if len(values) > (len(axis) if most == _EVERY_POINT else most):
        yield f"{len(values)} values on the x axis are more than {most}"
    if checks.hashed_steps:
        return
    steps = _steps(trace["x_axis_iters"])
    if steps != sorted(set(steps)):
        yield "steps of the x axis do not rise"
    if not _same_numbers([axis.get(step) for step in steps], values):
        yield "steps of the x axis do not belong to its values"


def _same_numbers(some: Sequence[float | None], others: Sequence[float | None]) -> bool:
    return len(some) == len(others) and all(map(same_number, some, others))


def _numbers(column: Any) -> list[float | None]:
    """Numbers of a noted numeric array or of a JSON list, where null stands for what is not finite."""
    if isinstance(column, list):
        return column
    return [float(number) for number in column["blob"]["__float64__"]]


def _steps(column: Any) -> list[int]:
    return [int(number) for number in _numbers(column) if number is not None]


def _finite(number: float) -> float | None:
    return number if abs(number) < float("inf") else None
