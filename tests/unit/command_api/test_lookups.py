"""What a command is about may be in the log before a view shows it."""

from collections.abc import Awaitable, Callable

import pytest
from tests.unit.command_api.support import CALLER, RUN, Desk, catalog, experiment, run_document, tag

from command_api.application.experiments import UpdateExperiment, delete_experiment, update_experiment
from command_api.application.lookups import OF_CATALOG, of_run
from command_api.application.run_batches import archive_runs
from command_api.application.runs import UpdateRun, add_run_note, delete_run, delete_run_note, update_run
from command_api.application.tags import UpdateTag, delete_tag, tag_run, untag_run, update_tag
from contracts.errors import NotFound, Unavailable
from contracts.events import RunArchived
from contracts.read_models import RunNote
from contracts.topics import CATALOG

Command = Callable[[Desk], Awaitable[object]]

ON_A_RUN: dict[str, Command] = {
    "update": lambda desk: update_run(desk.tools, desk.names, CALLER, RUN, UpdateRun(name="n")),
    "delete": lambda desk: delete_run(desk.tools, CALLER, RUN),
    "add a note": lambda desk: add_run_note(desk.tools, CALLER, RUN, "text"),
    "delete a note": lambda desk: delete_run_note(desk.tools, CALLER, RUN, "n-1"),
    "tag": lambda desk: tag_run(desk.tools, desk.names, CALLER, RUN, "t"),
    "untag": lambda desk: untag_run(desk.tools, CALLER, RUN, "t-1"),
}
OF_THE_CATALOG: dict[str, Command] = {
    "change a tag": lambda desk: update_tag(desk.tools, CALLER, "t-1", UpdateTag(color="#fff")),
    "delete a tag": lambda desk: delete_tag(desk.tools, CALLER, "t-1"),
    "change an experiment": lambda desk: update_experiment(
        desk.tools, CALLER, "e-1", UpdateExperiment(description="d")
    ),
    "delete an experiment": lambda desk: delete_experiment(desk.tools, CALLER, "e-1"),
}


def shows_all(desk: Desk) -> bool:
    """The projector comes so far."""
    desk.views.runs[RUN] = run_document(tag_ids=["t-1"])
    desk.views.notes["n-1"] = RunNote(
        id="n-1", version=1, run_id=RUN, incarnation=1, content="", created_at=0.0, updated_at=0.0
    )
    desk.views.known = catalog([tag("t-1", "a tag")], [experiment("e-1", "an experiment")])
    return True


@pytest.mark.parametrize("name", [*ON_A_RUN, *OF_THE_CATALOG])
async def test_a_command_finds_what_the_views_show_only_when_they_are_level_with_the_log(name: str) -> None:
    desk = Desk()
    desk.catch_up.meanwhile = lambda: shows_all(desk)
    await {**ON_A_RUN, **OF_THE_CATALOG}[name](desk)
    assert desk.events
    assert desk.catch_up.waited == [{of_run(RUN)} if name in ON_A_RUN else {OF_CATALOG}]


@pytest.mark.parametrize("name", [*ON_A_RUN, *OF_THE_CATALOG])
async def test_views_that_stay_behind_are_no_proof_that_there_is_nothing(name: str) -> None:
    desk = Desk()
    desk.catch_up.meanwhile = lambda: False
    with pytest.raises(Unavailable):
        await {**ON_A_RUN, **OF_THE_CATALOG}[name](desk)
    assert desk.events == []


async def test_what_is_shown_is_waited_for_by_nobody() -> None:
    desk = Desk([run_document()])
    await delete_run(desk.tools, CALLER, RUN)
    assert desk.catch_up.waited == []


async def test_a_tag_may_reach_the_views_after_its_run() -> None:
    desk = Desk([run_document()])
    desk.catch_up.meanwhile = lambda: shows_all(desk)
    assert (await untag_run(desk.tools, CALLER, RUN, "t-1")).removed
    assert desk.catch_up.waited == [{of_run(RUN), OF_CATALOG}]


@pytest.mark.parametrize("run_id", ["", "progress_1", "..", "x" * 129])
async def test_an_id_that_no_run_can_have_is_not_looked_for(run_id: str) -> None:
    desk = Desk()
    with pytest.raises(NotFound):
        await delete_run(desk.tools, CALLER, run_id)
    assert await archive_runs(desk.tools, CALLER, [run_id], archived=True) is None
    assert desk.catch_up.waited == []


async def test_of_many_runs_those_that_come_late_are_changed_too() -> None:
    desk = Desk([run_document("early")])
    desk.catch_up.meanwhile = lambda: shows_all(desk)
    await archive_runs(desk.tools, CALLER, ["early", RUN, "unknown"], archived=True)
    assert desk.events == [RunArchived(), RunArchived()]
    assert desk.catch_up.waited == [{of_run(RUN), of_run("unknown")}]


async def test_of_many_runs_none_is_left_out_while_the_views_are_behind() -> None:
    desk = Desk([run_document("early")])
    desk.catch_up.meanwhile = lambda: False
    with pytest.raises(Unavailable):
        await archive_runs(desk.tools, CALLER, ["early", RUN], archived=True)
    assert desk.events == []


def test_the_catalog_has_one_place() -> None:
    assert OF_CATALOG.topic == CATALOG
