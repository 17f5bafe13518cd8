"""Rules of the comparison with recorded answers: what it must see and what it must let pass."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from tests.vectors_support import Answer, Case, differences, load, load_scenario

from contracts.aimcodec.arrays import NumericArray, read_numeric_array
from contracts.aimcodec.progress import encode_progress, is_progress_key
from contracts.aimcodec.reader import items
from contracts.aimcodec.records import encode_tree

Change = Callable[[Any], None]


def _changed(case: Case, change: Change) -> Answer:
    """The recorded answer after `change` to the tree of its first item that is no progress."""
    found = items(case.recorded.plain_body())
    change(next(tree for key, tree in found if not is_progress_key(key)))
    return Answer(case.recorded.status, b"".join(encode_tree(tree, (key,)) for key, tree in found))


def _json(case: Case, value: object, status: int | None = None) -> Answer:
    body = json.dumps(value).encode()
    return Answer(status or case.recorded.status, body, {"content-type": "application/json; charset=utf-8"})


def test_a_changed_value_is_named_with_its_path() -> None:
    case = load("run-search-q-props")
    answer = _changed(case, lambda run: run["props"].update(name="other"))
    (found,) = differences(case, answer)
    assert found.startswith("items.0.1.props.name: expected ")
    assert found.endswith('got "other"')


def test_a_missing_and_an_extra_member_are_seen() -> None:
    case = load("run-search-all")
    assert "props.name: is missing" in differences(case, _changed(case, lambda run: run["props"].pop("name")))[0]
    assert "props.x: is not expected" in differences(case, _changed(case, lambda run: run["props"].update(x=1)))[0]


def test_the_order_of_members_tags_and_traces_is_no_difference() -> None:
    case = load("run-search-all")

    def turn(run: dict[str, Any]) -> None:
        run["props"]["tags"].reverse()
        run["traces"]["metric"].reverse()
        run["props"] = dict(reversed(run["props"].items()))

    assert differences(case, _changed(case, turn)) == []


def test_a_trace_too_few_too_many_or_changed_is_seen() -> None:
    case = load("run-search-all")
    assert len(differences(case, _changed(case, lambda run: run["traces"]["metric"].pop()))) == 1
    assert len(differences(case, _changed(case, lambda run: run["traces"]["metric"].append({"name": "n"})))) > 0
    (found,) = differences(case, _changed(case, lambda run: run["traces"]["metric"][0]["values"].update(last=-1)))
    assert ".values.last: expected" in found


def test_the_order_of_runs_is_compared() -> None:
    case = load("run-search-no-progress")
    found = items(case.recorded.plain_body())
    answer = Answer(200, b"".join(encode_tree(tree, (key,)) for key, tree in reversed(found)))
    assert differences(case, answer)


def test_progress_is_ignored() -> None:
    case = load("run-search-all")
    found = [(key, tree) for key, tree in items(case.recorded.plain_body()) if not is_progress_key(key)]
    body = encode_progress(0, 0, 9) + b"".join(encode_tree(tree, (key,)) for key, tree in found)
    assert differences(case, Answer(200, body)) == []


def test_one_equals_one_point_zero_unless_types_count_and_never_true() -> None:
    zoo = load("run-search-value-zoo")
    answer = _changed(zoo, lambda run: run["params"].update(zero=0.0))
    assert differences(zoo, answer) == []
    assert len(differences(zoo, answer, exact_numbers=True)) == 1
    assert len(differences(zoo, _changed(zoo, lambda run: run["params"].update(zero=False)))) == 1


def test_assigned_values_are_compared_on_request_only() -> None:
    case = load("run-search-all")
    answer = _changed(case, lambda run: run["props"].update(creation_time=1.0))
    assert differences(case, answer) == []
    assert len(differences(case, answer, comparable=["**.props.creation_time"])) == 1
    assert differences(case, _changed(case, lambda run: run["props"].update(creation_time="soon")))


def test_volatile_values_must_be_there() -> None:
    case = load("images-step-exact")
    found = dict(items(case.recorded.plain_body()))
    found["values"][0][0]["blob_uri"] = "another token"
    assert differences(case, Answer(200, encode_tree(found))) == []
    del found["values"][0][0]["blob_uri"]
    assert differences(case, Answer(200, encode_tree(found))) != []


def test_the_groups_of_a_batch_are_objects_whose_used_range_has_two_names() -> None:
    case = load("images-batch-two")
    groups = items(case.recorded.plain_body())
    renamed = [("index_range_used" if key == "index_range" else key, tree) for key, tree in groups]
    turned = [*reversed(renamed[:8]), *reversed(renamed[8:])]
    answer = Answer(200, b"".join(encode_tree(tree, (key,)) for key, tree in turned))
    assert differences(case, answer) == []
    assert differences(case, answer, copied_quirks=["used-index-range-is-called-index_range"]) != []


def test_a_status_and_a_content_type_are_compared() -> None:
    case = load("experiment-404")
    value = case.decoded["value"]
    assert differences(case, _json(case, value)) == []
    assert "status: expected 404, got 200" in differences(case, _json(case, value, 200))[0]
    assert "content type" in differences(case, Answer(404, json.dumps(value).encode()))[0]


def test_a_body_of_another_kind_or_a_broken_one_is_a_difference() -> None:
    case = load("run-search-all")
    assert "the body is no stream" in differences(case, Answer(200, b'{"a": 1}'))[0]
    assert "broke before" in differences(case, replace(case.recorded, aborted=True))[0]


def test_a_quirk_may_be_answered_better_and_a_copied_one_may_not() -> None:
    case = load("images-search-default")
    quirk = "wrapped-epochs-and-timestamps"

    def unwrap(run: dict[str, Any]) -> None:
        for trace in run["traces"]:
            trace["epochs"], trace["timestamps"] = trace["epochs"][0], trace["timestamps"][0]

    answer = _changed(case, unwrap)
    assert differences(case, answer) == []
    assert differences(case, answer, copied_quirks=[quirk]) != []


def test_an_unhandled_failure_may_be_answered_properly_but_not_repeated() -> None:
    case = load("align-late-failure")
    assert differences(case, _json(case, {"message": "Run not found."}, 404)) == []
    assert differences(case, case.recorded) != []


def test_captured_values_and_our_ids_are_filled_in() -> None:
    step = load_scenario("scenario-blobs-images").steps[1].with_values({"u0": "first", "u1": "second"})
    assert step.request.body == ["second", "first"]
    assert [key for key, _ in step.decoded["items"]] == ["second", "first"]
    recorded = "00000000-0000-4000-8000-00000000e001"
    case = load("experiment").with_ids({recorded: "ours"})
    assert recorded not in case.request.path
    assert case.request.path.endswith("ours")
    assert case.decoded["value"]["id"] == "ours"


def _resampled(case: Case, choose: Callable[[int], Any], shift: float = 0.0) -> Answer:
    """The recorded metric search with other points: those of `choose(number of points)`, their values shifted."""

    def change(run: dict[str, Any]) -> None:
        for trace in run["traces"]:
            columns = {name: read_numeric_array(trace[name]) for name in ("values", "iters", "epochs", "timestamps")}
            at = choose(len(columns["iters"]))
            columns["values"] = columns["values"] + shift
            trace.update({name: NumericArray(np.asarray(column[at])) for name, column in columns.items()})

    return _changed(case, change)


def test_another_sample_is_fair_when_its_points_are_as_logged_and_both_ends_are_there() -> None:
    everything = load("metric-search-p-minus-1")
    case = replace(everything, request=replace(everything.request, query={"p": "5"}))
    spread = _resampled(case, lambda n: np.linspace(0, n - 1, 5).astype(int))
    assert differences(case, spread, comparable=["**.timestamps"]) == []
    assert differences(case, spread, same_sampling=True) != []
    faults = {
        "more than 5": _resampled(case, lambda n: np.arange(6) * (n - 1) // 5),
        "an end is missing": _resampled(case, lambda n: np.arange(5)),
        "do not rise": _resampled(case, lambda n: np.array([0, 2, 1, 3, n - 1])),
        "not as logged": _resampled(case, lambda n: np.linspace(0, n - 1, 5).astype(int), shift=1.0),
    }
    for fault, answer in faults.items():
        assert any(fault in found for found in differences(case, answer)), fault
    few = _resampled(everything, lambda n: np.arange(n - 1))
    assert any("instead of all" in found for found in differences(everything, few))


def test_real_steps_on_the_x_axis_are_accepted_and_wrong_ones_are_not() -> None:
    case = load("metric-search-x-axis-self-zero")

    def answer(steps: Callable[[Any], Any]) -> Answer:
        def change(run: dict[str, Any]) -> None:
            for trace in run["traces"]:
                iters, values = read_numeric_array(trace["iters"]), read_numeric_array(trace["values"])
                trace.update(x_axis_values=NumericArray(values), x_axis_iters=NumericArray(steps(iters)))

        return _changed(case, change)

    assert differences(case, answer(lambda iters: iters)) == []
    assert any("do not belong" in found for found in differences(case, answer(lambda iters: iters + 1)))
