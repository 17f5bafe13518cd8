"""The pieces of a run's frames."""

import math
from typing import Any

from tests.unit.projector.fold.builders import RUN, T0, run_of, table_tracked, tracked
from tests.vectors_support.answers import noted
from tests.vectors_support.cases import load
from tests.vectors_support.dataset import dataset

from contracts.aimcodec.reader import items
from contracts.events import MetricsTracked, ParamsSet, RunCreated, RunRenamed, Series
from projector.projections.run_segments import overview, segments_for

BASE = 1 << 48


def tree(piece: bytes) -> Any:
    ((key, value),) = items(piece)
    assert key == RUN
    return value


def test_a_new_run_has_the_openers_of_params_and_traces() -> None:
    segments = segments_for(run_of(RunCreated(at=T0)))
    assert tree(segments.params) == {"params": {}}
    assert tree(segments.traces) == {"traces": {"metric": []}}
    assert (segments.params_empty, segments.system_params, segments.version) == (True, b"", BASE)


def test_user_and_system_params_are_apart_and_bookkeeping_is_shown_to_nobody() -> None:
    segments = segments_for(
        run_of(
            ParamsSet(path=("__system_params",), value={"executable": "python3"}),
            ParamsSet(path=("__blobs__",), value={"x": "y"}),
            ParamsSet(path=("a", 3), value=[1, {}]),
        )
    )
    assert tree(segments.params) == {"params": {"a": {3: [1, {}]}}}
    assert not segments.params_empty
    assert tree(segments.system_params) == {"params": {"__system_params": {"executable": "python3"}}}


def test_system_params_alone_leave_the_users_params_empty() -> None:
    segments = segments_for(run_of(ParamsSet(path=("__system_params", "arguments"), value=[])))
    assert segments.params_empty
    assert tree(segments.params) == {"params": {}}
    assert tree(segments.system_params) == {"params": {"__system_params": {"arguments": []}}}


def test_pieces_put_one_after_the_other_are_one_frame() -> None:
    segments = segments_for(
        run_of(ParamsSet(path=("a",), value=1), ParamsSet(path=("__system_params",), value={}), tracked([(0, 1.0)]))
    )
    ((key, frame),) = items(segments.params + segments.system_params + segments.traces)
    assert key == RUN
    assert frame["params"] == {"a": 1, "__system_params": {}}
    assert frame["traces"]["metric"][0]["name"] == "loss"


def test_props_do_not_move_the_segments() -> None:
    events = [RunCreated(at=T0), tracked([(0, 1.0)])]
    assert segments_for(run_of(*events)) == segments_for(run_of(*events, RunRenamed(name="x")))
    assert segments_for(run_of(*events)).version == BASE + 1


def values_of(*events: MetricsTracked) -> dict[str, Any]:
    (summary,) = run_of(*events).series.values()
    values: dict[str, Any] = overview(summary)["values"]
    return values


def test_integers_stay_integers_and_floats_stay_floats() -> None:
    integers = values_of(tracked([(0, 4.0), (1, 9.0)], dtype="int"))
    assert {name: type(integers[name]) for name in ("first", "last", "min", "max")} == dict.fromkeys(
        ("first", "last", "min", "max"), int
    )
    assert isinstance(values_of(tracked([(0, 4.0)], dtype="float"))["first"], float)
    mixed = values_of(tracked([(0, 4.0)], dtype="int"), tracked([(1, 4.5)], dtype="float"))
    assert (mixed["dtype"], type(mixed["first"]), type(mixed["last"])) == ("number", int, float)


def test_infinities_of_a_mixed_series_can_be_shown() -> None:
    mixed = values_of(tracked([(0, 4.0)], dtype="int"), tracked([(1, math.inf), (2, math.nan)], dtype="float"))
    assert (mixed["max"], mixed["min"]) == (math.inf, 4)
    assert math.isnan(mixed["last"])


def test_min_and_max_are_absent_when_all_is_nan() -> None:
    values = values_of(tracked([(0, math.nan)]))
    assert "min" not in values
    assert "max" not in values
    assert values["version"] == 2


def logged(sequence: dict[str, Any]) -> MetricsTracked:
    """A recorded sequence as its client would log it, types point by point."""
    name, context = sequence["name"], sequence["context"]
    numbers = [float(one["__float__"]) if isinstance(one, dict) else one for one in sequence["values"]]
    points = [(int(isinstance(one, float)), step, one) for step, one in zip(sequence["steps"], numbers, strict=True)]
    return table_tracked([Series(name, context, "int"), Series(name, context, "float")], points)


def test_overviews_of_everything_recorded_are_those_of_the_reference() -> None:
    recorded = {key: tree for key, tree in load("run-search-all").decoded["items"] if not key.startswith("progress")}
    compared = 0
    for run in dataset()["runs"]:
        metrics = [logged(one) for one in run["sequences"] if one["kind"] == "metric"]
        if not metrics or run["hash"] not in recorded:
            continue
        shown = [noted(overview(one)) for one in run_of(*metrics).series.values()]
        expected = recorded[run["hash"]]["traces"]["metric"]
        assert by_identity(shown) == by_identity(expected)
        compared += len(shown)
    assert compared > 15


def by_identity(overviews: list[dict[str, Any]]) -> list[str]:
    return sorted(
        repr({**one, "values": dict(sorted(one["values"].items()))}.items()) for one in map(sorted_keys, overviews)
    )


def sorted_keys(one: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted({**one, "context": dict(sorted(one["context"].items()))}.items()))
