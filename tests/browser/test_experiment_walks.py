"""The page of one experiment in both UIs."""

import time

import httpx
import pytest
from playwright.sync_api import expect
from tests.browser.showcase import EXPERIMENTS, TRIALS, log, short_run
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser


def test_overview_and_runs_of_an_experiment(visitor: Visitor) -> None:
    visitor.goes_to("/")
    visitor.page.get_by_role("link", name=EXPERIMENTS[0], exact=True).first.click()
    for _ in range(2):
        visitor.sees(f"Total runs: {TRIALS}")
        expect(visitor.page.locator(".CalendarHeatmap__cell[title*=' 1 tracked run on']").first).to_be_visible()
        visitor.reloads()
    visitor.keep("overview")
    visitor.opens_tab("Runs")
    visitor.sees(f"trial {TRIALS - 1}")
    expect(visitor.page.get_by_text(f"Experiment Runs ({TRIALS}")).to_be_visible()


def test_experiment_is_described_renamed_noted_and_deleted(worker: Visitor, desk: httpx.Client) -> None:
    name, run = f"short-lived {worker.ui}", f"orphan-{worker.ui}"
    log(desk, run, short_run(run, name, time.time() - 900))
    worker.goes_to("/")
    worker.page.get_by_role("link", name=name, exact=True).first.click()
    worker.sees("Total runs: 1")
    worker.opens_tab("Settings")
    worker.names_and_describes(f"{name}, renamed", "what we wanted to know")
    worker.opens_tab("Overview")
    worker.sees("what we wanted to know")
    worker.reloads()
    worker.sees("what we wanted to know")
    worker.sees(f"{name}, renamed")
    worker.keep("described")

    worker.opens_tab("Notes")
    worker.writes_note("it was worth it")
    worker.reloads()
    worker.sees("it was worth it")
    worker.writes_note("it was not worth it")
    worker.reloads()
    worker.sees("it was not worth it")
    worker.keep("noted")

    worker.opens_tab("Settings")
    worker.clicks("Delete")
    with worker.page.expect_response(lambda answer: answer.request.method == "DELETE"):
        worker.confirms("Delete")
    worker.goes_to("/")
    worker.sees("Active runs (2)")
    worker.does_not_see(f"{name}, renamed")
    worker.goes_to(f"/runs/{run}/overview")
    worker.sees("Finished")
