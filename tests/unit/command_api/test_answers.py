from collections.abc import Sequence

import pytest
from tests.unit.command_api.support import CALLER, RUN, Desk, Verdict, entry

from command_api.application.answers import DUPLICATE, carry_out, decide
from command_api.application.recording import ToAppend
from contracts.errors import BadRequest, Conflict, InvalidEvent, NotFound, TallybookError
from contracts.events import RunArchived, RunRenamed
from contracts.position import decode_token
from contracts.read_models import HistoryEntry
from projector.fold.outcome import DUPLICATE as REASON_OF_THE_FOLD

RENAME = ToAppend(RunRenamed(name="a"), RUN)


def ignored(reason: str, code: str) -> Verdict:
    return lambda recorded: entry(recorded, "ignored", reason, code)


def invalid(reason: str) -> Verdict:
    return lambda recorded: entry(recorded, "invalid", reason, "bad_request")


async def test_the_token_names_what_was_written() -> None:
    desk = Desk()
    decided = await carry_out(desk.tools, CALLER, [RENAME, ToAppend(RunArchived(), RUN)])
    assert decided.visible
    assert [position.offset for position in decode_token(decided.position)] == [1]


@pytest.mark.parametrize(
    ("verdict", "error", "text"),
    [
        (ignored("run deleted", "not_found"), NotFound, "Run not found."),
        (ignored("run not found", "not_found"), NotFound, "Run not found."),
        (ignored("The run is locked.", "conflict"), Conflict, "The run is locked."),
        (ignored("The name is taken.", "bad_request"), BadRequest, "The name is taken."),
        (invalid("points cannot be read"), InvalidEvent, "points cannot be read"),
    ],
)
async def test_a_lost_race_becomes_the_error_of_its_code(
    verdict: Verdict, error: type[TallybookError], text: str
) -> None:
    desk = Desk()
    desk.outcomes.verdicts[RunRenamed] = verdict
    with pytest.raises(error) as raised:
        await carry_out(desk.tools, CALLER, [RENAME])
    assert raised.value.message == text


async def test_a_duplicate_counts_as_success() -> None:
    desk = Desk()
    desk.outcomes.verdicts[RunRenamed] = ignored(DUPLICATE, "conflict")
    assert (await carry_out(desk.tools, CALLER, [RENAME])).visible


def test_the_word_for_a_duplicate_is_the_folds() -> None:
    assert DUPLICATE == REASON_OF_THE_FOLD


async def test_an_outcome_that_does_not_come_in_time_is_success_that_is_not_visible() -> None:
    def nothing(_: object) -> HistoryEntry | None:
        return None

    desk = Desk()
    desk.outcomes.verdicts[RunArchived] = nothing
    decided = await carry_out(desk.tools, CALLER, [RENAME, ToAppend(RunArchived(), RUN)])
    assert not decided.visible
    assert [outcome is None for outcome in decided.outcomes] == [False, True]


async def test_creations_before_it_are_waited_for_and_stand_in_the_token() -> None:
    desk = Desk()
    created = (await desk.names.tag("new", CALLER)).created
    assert created is not None
    decided = await decide(desk.tools, CALLER, [RENAME], [created])
    assert desk.outcomes.waited == ["event-1", "event-2"]
    assert topics_of(decided.position) == ["tallybook.catalog", "tallybook.runs"]
    assert len(decided.outcomes) == 1


def topics_of(token: str) -> Sequence[str]:
    return [position.topic for position in decode_token(token)]
