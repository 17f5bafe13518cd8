"""The Aim UI on the demo's runs, as a person uses it."""

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import RUNS

pytestmark = pytest.mark.browser

LINES = "path.Line"  # a curve of a chart
CHARTS_IN_VIEW = 4  # of five; the page draws what is scrolled to


def test_home_counts_what_was_logged(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_text(f"Total runs: {RUNS}")).to_be_visible()
    expect(page.get_by_text("Experiments (1)")).to_be_visible()
    expect(page.get_by_text("handwritten digits", exact=True).first).to_be_visible()
    expect(page.get_by_text("network", exact=True).first).to_be_visible()
    expect(page.get_by_text("Started a run:").first).to_be_visible()


def test_runs_table_shows_every_run(page: Page) -> None:
    page.goto("/runs")
    expect(page.get_by_role("link", name="learning_rate=").first).to_be_visible()
    for family in ("network", "linear", "forest"):
        expect(page.get_by_role("link", name=family).first).to_be_visible()
    expect(page.get_by_text("best.val_accuracy").first).to_be_attached()


def test_query_in_the_runs_table_narrows_it(page: Page) -> None:
    page.goto("/runs")
    expect(page.get_by_role("link", name="linear").first).to_be_visible()
    page.locator(".monaco-editor").first.click()
    page.keyboard.type('run.model.family == "network"')
    with page.expect_response(lambda response: "/runs/search/run" in response.url and "network" in response.url):
        page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("Processing...")).to_be_hidden()
    expect(page.get_by_role("link", name="network").first).to_be_visible()
    expect(page.get_by_role("link", name="linear")).to_have_count(0)


def test_metrics_explorer_draws_the_chosen_metric(page: Page) -> None:
    page.goto("/metrics")
    expect(page.get_by_text("No metrics are selected")).to_be_visible()
    page.get_by_role("button", name="Metrics").click()
    page.get_by_role("option", name="loss", exact=True).click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(LINES)).to_have_count(2 * RUNS)  # training and validation
    drawn = page.locator(LINES).first.get_attribute("d")
    assert drawn is not None
    assert drawn.count("L") + drawn.count("C") >= 5
    assert "NaN" not in drawn


def test_reloaded_explorer_shows_the_same_chart(page: Page) -> None:
    test_metrics_explorer_draws_the_chosen_metric(page)
    page.reload()
    expect(page.locator(LINES)).to_have_count(2 * RUNS)


def test_one_run_shows_its_parameters_tags_and_charts(page: Page) -> None:
    page.goto("/runs")
    page.get_by_role("link", name="network").first.click()
    expect(page.get_by_text("Run Params").first).to_be_visible()
    expect(page.get_by_text("model.hidden_layers")).to_be_visible()
    expect(page.get_by_text('"network"', exact=True)).to_be_visible()
    expect(page.get_by_text("Finished")).to_be_visible()
    page.get_by_role("tab", name="Metrics").click()
    for name in ("accuracy", "loss"):
        expect(page.get_by_text(name, exact=True).first).to_be_visible()
    expect(page.get_by_text('subset="val"').first).to_be_visible()
    expect(page.locator(LINES)).to_have_count(CHARTS_IN_VIEW)
