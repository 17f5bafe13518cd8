"""The runs explorer of both UIs: columns, order, queries, endless scrolling, and what is done to many runs at once."""

import time

import httpx
import pytest
from playwright.sync_api import expect
from tests.browser.runs_table import RunsTable
from tests.browser.showcase import GALLERY, LIVE, OTHER_LIVE, SET_ASIDE, TRIALS, log, short_run
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

NEWEST = f"trial {TRIALS - 1}"
OLDEST = "trial 00"


def test_columns_show_props_metrics_and_params(visitor: Visitor) -> None:
    table = RunsTable(visitor)
    table.opens()
    table.shows(GALLERY, LIVE)
    table.does_not_show(SET_ASIDE)
    for column in ("Date", "Duration", "accuracy", "loss", "CPU (%)"):
        expect(visitor.page.get_by_text(column, exact=True).first).to_be_attached()
    table.is_marked(LIVE, "In Progress")
    table.is_marked(GALLERY, "Finished")


def test_every_run_is_reached_by_scrolling(visitor: Visitor) -> None:
    table = RunsTable(visitor)
    table.opens()
    table.scrolls_until_it_shows(NEWEST if visitor.ui.sorts else OLDEST)


def test_order_is_chosen_by_columns(visitor: Visitor) -> None:
    table = RunsTable(visitor)
    table.opens()
    if not visitor.ui.sorts:
        table.begins_with(OTHER_LIVE, LIVE, GALLERY, NEWEST)
        return
    table.begins_with(GALLERY, OTHER_LIVE, LIVE, OLDEST)
    visitor.clicks("Sort")
    visitor.page.locator("[class*=SortPopover]").get_by_role("button", name="Desc").first.click()
    visitor.page.mouse.click(700, 5)  # beside the popover, which closes it
    table.begins_with("trial 41")  # the last of those that the page had loaded
    assert "desc" in visitor.searches("run").url
    table.begins_with(NEWEST, f"trial {TRIALS - 2}")


def test_query_narrows_the_table_and_survives_a_reload(visitor: Visitor) -> None:
    table = RunsTable(visitor)
    table.opens()
    table.finds('run.hparams.optimizer == "rmsprop" and run.seed > 40')
    table.does_not_show(GALLERY, "trial 49")
    table.shows("trial 47", "trial 44", "trial 41")
    visitor.reloads()
    table.shows("trial 47", "trial 44", "trial 41")
    table.does_not_show(GALLERY)


def test_archived_runs_are_found_when_asked_for(visitor: Visitor) -> None:
    table = RunsTable(visitor)
    table.opens()
    table.finds("run.archived == True")
    table.shows(SET_ASIDE)
    table.does_not_show(GALLERY)


def test_syntax_error_is_underlined_where_it_is(visitor: Visitor) -> None:
    visitor.expects_refusal(400)
    table = RunsTable(visitor)
    table.opens()
    table.finds("run.seed > > 1")
    expect(visitor.page.locator(".squiggly-error")).to_be_visible()


def test_runs_are_archived_brought_back_and_deleted_together(worker: Visitor, desk: httpx.Client) -> None:
    names = [f"{letter} of {worker.ui}" for letter in "abc"]
    for name in names:
        log(desk, name.replace(" ", "-"), short_run(name, f"batch of {worker.ui}", time.time() - 900))
    table = RunsTable(worker)
    table.opens()
    table.finds(f'run.experiment == "batch of {worker.ui}"')
    table.shows(*names)
    table.ticks(names[0], names[1])
    table.does_to_ticked("Archive")
    table.does_not_show(names[0], names[1])
    worker.reloads()
    table.shows(names[2])
    table.does_not_show(names[0], names[1])
    worker.keep("archived")

    table.finds(f'run.archived and run.experiment == "batch of {worker.ui}"')
    table.shows(names[0], names[1])
    table.ticks(names[0])
    table.does_to_ticked("Unarchive")
    table.does_not_show(names[0])
    table.ticks(names[1])
    table.does_to_ticked("Delete")
    table.does_not_show(names[1])
    worker.reloads()
    table.finds(f'run.experiment == "batch of {worker.ui}"')
    table.shows(names[0], names[2])
    table.does_not_show(names[1])


def test_active_runs_are_stopped(worker: Visitor, desk: httpx.Client) -> None:
    if not worker.ui.sorts:
        return  # the Aim UI has no such button
    log(desk, "forgotten", short_run("forgotten", "to be stopped", time.time() - 900, ended=False))
    table = RunsTable(worker)
    table.opens()
    table.finds('run.experiment == "to be stopped"')
    table.is_marked("forgotten", "In Progress")
    table.ticks("forgotten")
    table.does_to_ticked("Stop")
    worker.reloads()
    table.is_marked("forgotten", "Finished")
