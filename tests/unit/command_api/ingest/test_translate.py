import json
from typing import Any

import pytest
from tests.unit.command_api.ingest.reading import NOW, points_of, translated

from command_api.application.ingest.decode import decode_body
from command_api.application.ingest.limits import MAX_NAMED
from command_api.application.ingest.translate import AttachTag, DetachTag, Intent, JoinExperiment, What, translate
from contracts.events import (
    ParamsSet,
    PointsTracked,
    RunArchived,
    RunCreated,
    RunDescribed,
    RunEvent,
    RunFinished,
    RunRenamed,
    RunResumed,
    RunUnarchived,
)
from contracts.metric_points import MAX_POINTS_PER_EVENT
from contracts.trees import MAX_DEPTH

ISO = "2025-12-31T23:59:00+00:00"


def message(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, **fields}


def metric(**fields: Any) -> dict[str, Any]:
    return {"type": "log_metric", "name": "loss", "value": 0.5, **fields}


def whats(*messages: Any) -> list[What]:
    result = translated(*messages)
    assert result.rejected == []
    return [step.what for step in result.steps]


def rejection(given: Any) -> str:
    result = translated(given)
    assert result.accepted == 0
    assert result.steps == []
    return result.rejected[0].message


@pytest.mark.parametrize(
    ("given", "events"),
    [
        (message("create_run"), [RunCreated(at=NOW)]),
        (message("create_run", client_datetime=ISO), [RunCreated(at=NOW - 60)]),
        (message("create_run", client_datetime=ISO, creation_time=7.5), [RunCreated(at=7.5, session=NOW - 60)]),
        (message("create_run", creation_time=NOW + 90_000), [RunCreated(at=NOW, session=NOW)]),
        (message("create_run", force_resume=True), [RunResumed(at=NOW)]),
        (message("finish_run", client_datetime=ISO), [RunFinished(at=NOW - 60, reason="client")]),
        (message("finish_run", end_time=8), [RunFinished(at=8.0, reason="client")]),
        (message("add_tag", tag_name=" a "), [AttachTag("a")]),
        (message("remove_tag", tag_name="a"), [DetachTag("a")]),
        (message("set_run_property"), []),
        (message("set_run_property", name="n"), [RunRenamed(name="n", by="client")]),
        (
            message("set_run_property", description="d", archived=True, experiment=" e "),
            [RunDescribed(description="d", by="client"), RunArchived(by="client"), JoinExperiment("e")],
        ),
        (message("set_run_property", archived=False, experiment=""), [RunUnarchived(by="client"), JoinExperiment("")]),
    ],
)
def test_a_message_becomes_its_events(given: dict[str, Any], events: list[RunEvent | Intent]) -> None:
    assert whats(given) == events


@pytest.mark.parametrize(
    ("value", "events"),
    [
        ({"a": {"b": 1}}, [ParamsSet(path=("a", "b"), value=1)]),
        ({"a": {"b": 1, "c": 2}}, [ParamsSet(path=("a",), value={"b": 1, "c": 2})]),
        ({"a": {}}, [ParamsSet(path=("a",), value={})]),
        ({"a": None}, [ParamsSet(path=("a",), value=None)]),
        ({"a": [{"b": 1}]}, [ParamsSet(path=("a",), value=[{"b": 1}])]),
        ({"": 1}, [ParamsSet(path=("",), value=1)]),
        ({"a": 1, "b": {"c": 2}}, [ParamsSet(path=(), value={"a": 1, "b": {"c": 2}}, merge=True)]),
        ({"a": 2**70}, [ParamsSet(path=("a",), value=2**70)]),
        ({"a": "\ud83d"}, [ParamsSet(path=("a",), value="\ufffd")]),
        ({3: {4: 5}}, [ParamsSet(path=(3, 4), value=5)]),
        ({}, []),
        ([1], []),
        ("text", []),
        (None, []),
    ],
)
def test_params_replace_the_subtree_below_single_keys(value: Any, events: list[RunEvent]) -> None:
    assert whats(message("log_hparams", value=value)) == events


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (1, "must be an object"),
        (None, "must be an object"),
        ([], "must be an object"),
        ({}, "must name its type"),
        ({"type": 3}, "must name its type"),
        ({"type": "log_nothing"}, "unknown type 'log_nothing'"),
        ({"type": "x" * 1_000}, "unknown type"),
        (message("log_metric", value=1), "name"),
        (message("log_metric", name="a"), "value"),
        (metric(name="x" * 1_025), "name"),
        (metric(value="1"), "value"),
        (metric(value=True), "value"),
        (metric(value=None), "value"),
        (metric(step=1.5), "step"),
        (metric(step=2**53 + 1), "step"),
        (metric(step=2**70), "step"),
        (metric(step=True), "step"),
        (metric(context=[]), "context"),
        (metric(context={1: 2}), "context"),
        (metric(context={"a": "x" * 8_192}), "context may not be larger"),
        (metric(context={"a": b"bytes"}), "may not hold bytes"),
        (metric(client_datetime="soon"), "ISO 8601"),
        (metric(client_datetime=float("nan")), "finite"),
        (metric(client_datetime={}), "client_datetime"),
        (message("create_run", force_resume="yes"), "force_resume"),
        (message("create_run", client_datetime="x"), "ISO 8601"),
        (message("create_run", creation_time=float("inf")), "finite"),
        (message("log_hparams"), "value"),
        (message("log_hparams", value={"a": b"x"}), "may not hold bytes"),
        (message("log_hparams", value={1.5: "x"}), "keys of objects"),
        (message("log_hparams", value={"x" * (1 << 20): 1}), "bytes"),
        (message("log_hparams", value={"a": {"b": [0] * 100_001}}), "leaves"),
        (message("set_run_property", name=3), "name"),
        (message("set_run_property", name="x" * 1_025), "name"),
        (message("set_run_property", experiment="x" * 1_025), "experiment"),
        (message("set_run_property", archived="no"), "archived"),
        (message("add_tag"), "tag_name"),
        (message("add_tag", tag_name=" "), "must not be empty"),
        (message("add_tag", tag_name="x" * 1_025), "tag_name"),
        (message("remove_tag", tag_name=""), "tag_name"),
    ],
)
def test_a_bad_message_is_named_and_leaves_nothing(given: Any, text: str) -> None:
    assert text in rejection(given)
    assert len(rejection(given)) < 500


def test_a_series_without_a_name_is_kept_as_every_other() -> None:
    given = metric(name=""), message("log_metrics", series=[{"name": ""}], points={"value": [1.0]})
    assert [point.name for point in points_of(translated(*given))] == ["", ""]


def test_a_value_nested_too_deep_is_named() -> None:
    value: Any = 1
    for _ in range(MAX_DEPTH + 1):
        value = [value]
    assert "nested deeper" in rejection(message("log_hparams", value={"a": value}))


def test_every_good_message_of_a_batch_is_taken() -> None:
    result = translated(metric(step=0), 7, metric(step=1), metric(value="x"), message("finish_run"))
    assert result.accepted == 3
    assert [rejected.index for rejected in result.rejected] == [1, 3]
    assert [(step.index, step.part, type(step.what)) for step in result.steps] == [
        (0, 0, PointsTracked),
        (4, 0, RunFinished),
    ]


def test_an_item_that_no_record_can_hold_costs_no_other() -> None:
    huge = message("log_hparams", value={"a": 1, "x" * (1 << 20): 1})
    result = translated(metric(), huge, message("add_tag", tag_name="a"))
    assert result.accepted == 2
    assert [rejected.index for rejected in result.rejected] == [1]
    assert [type(step.what) for step in result.steps] == [PointsTracked, AttachTag]


def test_points_that_follow_each_other_share_an_event_and_others_part_them() -> None:
    result = translated(metric(), metric(name="acc"), message("add_tag", tag_name="a"), metric())
    assert [(step.index, type(step.what)) for step in result.steps] == [
        (0, PointsTracked),
        (2, AttachTag),
        (3, PointsTracked),
    ]


def test_a_rejected_message_between_points_does_not_part_them() -> None:
    huge = message("log_hparams", value={"x" * (1 << 20): 1})
    assert len(translated(metric(), huge, metric()).steps) == 1


def test_many_points_become_events_of_bounded_size_with_parts_that_count() -> None:
    result = translated(*[metric(step=step) for step in range(MAX_POINTS_PER_EVENT + 1)])
    assert [(step.index, step.part) for step in result.steps] == [(0, 0), (0, 1)]
    assert len(points_of(result)) == MAX_POINTS_PER_EVENT + 1


def test_events_of_one_message_count_their_parts() -> None:
    result = translated(message("set_run_property", name="a", archived=True))
    assert [(step.index, step.part) for step in result.steps] == [(0, 0), (0, 1)]


def test_different_names_of_one_request_are_bounded() -> None:
    tags = [message("add_tag", tag_name=str(number)) for number in range(MAX_NAMED + 1)]
    result = translated(*tags, message("add_tag", tag_name="0"))
    assert result.accepted == MAX_NAMED + 1
    assert [rejected.index for rejected in result.rejected] == [MAX_NAMED]


def test_what_is_asked_for_one_name_is_told_apart() -> None:
    given = [message("add_tag", tag_name="a"), message("remove_tag", tag_name="a")]
    assert whats(*given, message("set_run_property", experiment="a")) == [
        AttachTag("a"),
        DetachTag("a"),
        JoinExperiment("a"),
    ]


@pytest.mark.parametrize("bad", [None, metric(value="x"), metric(value=float("nan"))])
def test_the_fast_way_and_the_slow_way_give_the_same(bad: dict[str, Any] | None) -> None:
    """A bad or a non-finite message sends the whole body the slow way."""
    good = [
        message("create_run", client_datetime=ISO, run_id="ignored"),
        metric(step=3, epoch=1, context={"b": 1, "a": "x"}, dtype="float32", client_datetime=ISO),
        metric(context={"a": "x", "b": 1}, value=2**64),
        metric(context={}),
        message("log_hparams", value={"a": 2**70, "b": {"c": [1, None, "ü"]}}),
        message("set_run_property", name="n", experiment="e"),
    ]
    direct = translate(decode_body(json.dumps(good).encode(), "application/json"), NOW)
    other = [*good, bad] if bad is not None else good
    result = translate(decode_body(json.dumps(other).encode(), "application/json"), NOW)
    assert direct.rejected == []
    assert [s for s in direct.steps if not isinstance(s.what, PointsTracked)] == [
        s for s in result.steps[: len(direct.steps)] if not isinstance(s.what, PointsTracked)
    ]
    assert points_of(direct) == points_of(result)[:3]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (rb'{"type":"add_tag","tag_name":"a\ud800"}', [AttachTag("a\ufffd")]),
        (rb'{"type":"set_run_property","experiment":"\udfff"}', [JoinExperiment("\ufffd")]),
        (rb'{"type":"finish_run","\ud800":"\ud800","end_time":1.0}', [RunFinished(at=1.0, reason="client")]),
    ],
)
def test_half_a_surrogate_pair_costs_its_character_alone(text: bytes, expected: list[RunEvent | Intent]) -> None:
    result = translate(decode_body(text, "application/json"), NOW)
    assert result.rejected == []
    assert [step.what for step in result.steps] == expected


def test_half_a_surrogate_pair_where_a_number_belongs_is_rejected() -> None:
    result = translate(decode_body(rb'{"type":"log_metric","name":"a","value":"\ud800"}', "application/json"), NOW)
    assert [one.message for one in result.rejected] == ["Expected `float | object`, got `str` - at `$.value`"]
