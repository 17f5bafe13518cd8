import json

import pytest
from tests.unit.command_api.matyan.messages import create, frame, metric, steps_of
from tests.unit.command_api.support import CALLER, NOW

from command_api.application.ports import Caller
from command_api.matyan.answers import not_taken
from command_api.matyan.frames import Frame, frame_digest, next_group, translate_frames
from contracts.events import PointsTracked, RunCreated


def arrived(text: str | bytes, caller: Caller = CALLER) -> Frame:
    body = text.encode() if isinstance(text, str) else text
    return Frame(body, frame_digest(body), caller, NOW, lambda frame, answer: None)


async def test_points_of_frames_that_waited_together_are_one_event() -> None:
    group = [arrived(frame(create(), metric(0))), arrived(frame(metric(1))), arrived(frame(metric(2), metric(3)))]
    translation = translate_frames(group, NOW)
    events = [step.what for step in translation.together.steps]
    assert [type(event) for event in events] == [RunCreated, PointsTracked]
    assert steps_of(events[1]) == [0, 1, 2, 3]
    assert [(answer.error, answer.accepted) for answer in translation.answers] == [(None, 2), (None, 1), (None, 2)]


async def test_a_frame_that_is_not_json_costs_no_other_frame() -> None:
    group = [arrived(frame(metric(0))), arrived('{"type": '), arrived(b"\xff\xfe"), arrived(frame(metric(1)))]
    translation = translate_frames(group, NOW)
    assert [answer.error is None for answer in translation.answers] == [True, False, False, True]
    assert "not JSON" in str(translation.answers[1].error)
    assert [steps_of(step.what) for step in translation.together.steps] == [[0, 1]]


async def test_bad_messages_are_named_by_their_index_in_their_own_frame() -> None:
    group = [arrived(frame(metric(0), metric(1))), arrived(frame(metric(2), {"type": "nope"}, 7, metric(3), [], []))]
    translation = translate_frames(group, NOW)
    assert translation.answers[0].error is None
    error = str(translation.answers[1].error)
    assert "index 1-2, 4-5 (" in error
    assert "unknown type 'nope'" in error
    assert [steps_of(step.what) for step in translation.together.steps] == [[0, 1], [2, 3]]


async def test_an_answer_is_small_however_much_was_wrong() -> None:
    wrong = [message for step in range(5_000) for message in (metric(step), {"type": "x" * 1_000})]
    (answer,) = translate_frames([arrived(frame(*wrong))], NOW).answers
    assert len(answer.text()) < 4_000
    assert json.loads(answer.text())["status"] == "error"


async def test_an_empty_array_is_fine() -> None:
    translation = translate_frames([arrived("[]")], NOW)
    assert [answer.text() for answer in translation.answers] == ['{"status":"ok","error":null}']
    assert translation.together.steps == []


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity"])
async def test_tokens_of_python_are_numbers(token: str) -> None:
    text = frame(metric(0)).replace("0.5", token)
    assert token in text
    assert translate_frames([arrived(text)], NOW).answers[0].error is None


async def test_frames_with_log_records_are_alone_and_carry_their_hash() -> None:
    records = arrived(frame({"type": "log_record", "message": "m", "level": 20, "timestamp": 1.0}))
    waiting = [arrived(frame(metric(0))), records, arrived(frame(metric(1)))]
    assert [len(next_group(waiting[at:])) for at in range(3)] == [1, 1, 1]
    translation = translate_frames([records], NOW)
    assert translation.frame.endswith(records.digest.hex())
    assert [step.by_frame for step in translation.together.steps] == [True]
    assert translate_frames([waiting[0]], NOW).frame == ""


async def test_frames_of_another_actor_and_big_ones_are_not_merged() -> None:
    small, other = arrived(frame(metric(0))), arrived(frame(metric(1)), Caller(actor="bob"))
    big = arrived(frame(*(metric(step) for step in range(1_000))))
    assert len(next_group([small, small, other])) == 2
    assert len(next_group([small, big])) == 1
    assert len(next_group([big, small])) == 1


async def test_the_first_answer_counts_and_the_text_is_let_go() -> None:
    one = arrived(frame(metric(0)))
    one.settle(not_taken("away"))
    one.settle(not_taken("too late"))
    assert one.answer is not None
    assert one.answer.error == "away"
    assert one.body == b""
