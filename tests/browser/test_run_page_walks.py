"""The page of one run in both UIs: every tab, what can be changed there, and that it is still so after a reload."""

import time

import httpx
import pytest
from playwright.sync_api import expect
from tests.browser.runs_table import RunsTable
from tests.browser.showcase import GALLERY, GALLERY_STEPS, LINES, LIVE, log, printed, short_run
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

LAST = GALLERY_STEPS - 1


def test_overview_shows_params_metrics_artifacts_and_the_machine(visitor: Visitor) -> None:
    visitor.goes_to(f"/runs/{GALLERY}")
    visitor.is_at(f"/runs/{GALLERY}/overview")
    for _ in range(2):
        for text in ("hparams.lr", '"adam"', "one of each kind", "has media", "Finished"):
            visitor.sees(text)
        for text in ("summary.txt", "elsewhere.pt", "train.py", "numpy"):
            expect(visitor.page.get_by_text(text).first).to_be_attached()
        visitor.reloads()


def test_params_are_a_tree(visitor: Visitor) -> None:
    visitor.goes_to(f"/runs/{GALLERY}/run_parameters")
    for text in ("0.999", '"digits"', "None"):
        expect(visitor.page.get_by_text(text).first).to_be_visible()


def test_metrics_and_system_metrics_are_drawn(visitor: Visitor) -> None:
    lines = visitor.page.locator("path.Line")
    for tab, names in (("metrics", ("accuracy", "examples")), ("system", ("CPU (%)", "Memory (%)"))):
        visitor.goes_to(f"/runs/{GALLERY}/{tab}")
        for name in names:
            visitor.sees(name)
        expect(lines.first).to_be_visible()
        assert "NaN" not in (lines.first.get_attribute("d") or "NaN")
        visitor.keep(tab)


def test_distributions_images_and_figures_are_drawn(visitor: Visitor) -> None:
    visitor.goes_to(f"/runs/{GALLERY}/distributions")
    expect(visitor.page.locator(".VisualizationContainer svg, svg").locator("rect, path").first).to_be_attached()
    visitor.sees("weights")
    visitor.keep("distributions")

    visitor.opens_tab("Images")
    visitor.page.get_by_text("samples", exact=True).click()
    visitor.page.get_by_text('subset="val"').first.click()
    expect(visitor.page.get_by_text(f"step {LAST} #2", exact=True)).to_be_visible()
    visitor.waits_for_pictures(".ImageBox__imageWrapper")
    visitor.keep("images")

    visitor.opens_tab("Figures")
    expect(visitor.page.get_by_text(f"ROC at step {LAST}", exact=True)).to_be_visible()
    expect(visitor.page.locator("path.js-line").first).to_be_visible()


def test_audios_and_texts_are_listed(visitor: Visitor) -> None:
    visitor.goes_to(f"/runs/{GALLERY}/audios")
    visitor.sees(f"beep {LAST}")
    visitor.keep("audios")
    visitor.opens_tab("Texts")
    visitor.sees(f"answer 1 at step {LAST}")
    visitor.reloads()
    visitor.sees(f"answer 1 at step {LAST}")


def test_log_shows_its_end_and_earlier_lines_when_scrolled_to(visitor: Visitor) -> None:
    visitor.goes_to(f"/runs/{GALLERY}/logs")
    log_lines = visitor.page.locator(".Logs")
    expect(log_lines.get_by_text(f"epoch {LINES - 1}:")).to_be_visible()
    visitor.keep("tail")
    log_lines.hover()
    for _ in range(40):
        if visitor.page.get_by_text("epoch 4: loss falls", exact=True).count():
            break
        visitor.page.mouse.wheel(0, -1_500)
        visitor.page.wait_for_load_state("networkidle")
    expect(visitor.page.get_by_text("epoch 4: loss falls", exact=True)).to_be_attached()


def test_messages_are_listed_with_their_levels(visitor: Visitor) -> None:
    visitor.goes_to(f"/runs/{GALLERY}/messages")
    visitor.sees("record 11 of the gallery")
    for level in ("ERROR", "WARNING", "INFO", "DEBUG"):
        visitor.sees(level)


def test_log_of_an_active_run_grows(worker: Visitor, desk: httpx.Client) -> None:
    name = f"printing-{worker.ui}"
    log(desk, name, [*short_run(name, "live", time.time() - 60, ended=False), *(printed(n) for n in range(4))])
    worker.goes_to(f"/runs/{name}/logs")
    worker.sees("epoch 1: loss falls")
    log(desk, name, [printed(n) for n in range(4, 8)])
    worker.sees("epoch 7: loss falls")  # asked for every three seconds
    worker.sees("In Progress")


def test_name_and_description_are_changed(worker: Visitor, desk: httpx.Client) -> None:
    run = _new_run(worker, desk, "renamed")
    worker.goes_to(f"/runs/{run}/settings")
    worker.names_and_describes(f"new name of {run}", "and why")
    worker.goes_to(f"/runs/{run}/overview")
    worker.sees("and why")
    expect(worker.page.get_by_text(f"new name of {run}").filter(visible=True).first).to_be_visible()


def test_run_is_archived_found_no_more_and_brought_back(worker: Visitor, desk: httpx.Client) -> None:
    run = _new_run(worker, desk, "archived")
    worker.goes_to(f"/runs/{run}/settings")
    worker.clicks("Archive")
    expect(worker.button("Unarchive")).to_be_visible()
    worker.reloads()
    expect(worker.button("Unarchive")).to_be_visible()
    worker.keep("archived")
    worker.clicks("Unarchive")
    expect(worker.button("Archive")).to_be_visible()
    worker.reloads()
    expect(worker.button("Archive")).to_be_visible()


def test_deleted_run_is_gone(worker: Visitor, desk: httpx.Client) -> None:
    run = _new_run(worker, desk, "deleted")
    worker.goes_to(f"/runs/{run}/settings")
    worker.clicks("Delete")
    worker.confirms("Delete")
    worker.is_at("/runs")
    table = RunsTable(worker)
    table.opens()
    table.finds(f'run.experiment == "kept for {worker.ui}"')
    table.does_not_show(run)


def test_note_is_written_and_rewritten(worker: Visitor, desk: httpx.Client) -> None:
    run = _new_run(worker, desk, "noted")
    worker.goes_to(f"/runs/{run}/notes")
    worker.writes_note("first thoughts")
    worker.reloads()
    worker.sees("first thoughts")
    worker.writes_note("second thoughts")
    worker.reloads()
    worker.sees("second thoughts")
    worker.does_not_see("first thoughts")


def test_tag_is_attached_and_detached(worker: Visitor, desk: httpx.Client) -> None:
    run = _new_run(worker, desk, "tagged")
    worker.goes_to(f"/runs/{run}/overview")
    tags = worker.page.locator(".AttachedTagsList__tags")
    worker.page.locator(".RunOverviewSidebar .AttachedTagsList__ControlPopover__anchor button").click()
    worker.page.locator(".SelectTag__tags__item").filter(has_text="baseline").click()
    expect(tags.get_by_text("baseline")).to_be_visible()
    worker.reloads()
    expect(tags.get_by_text("baseline")).to_be_visible()
    worker.keep("attached")
    worker.page.locator(".RunOverviewSidebar .AttachedTagsList__ControlPopover__anchor button").click()
    worker.page.locator(".SelectTag__tags__item").filter(has_text="baseline").click()
    expect(tags.get_by_text("baseline")).to_have_count(0)
    worker.reloads()
    worker.sees("Run Params")
    expect(tags.get_by_text("baseline")).to_have_count(0)


def test_active_run_is_stopped(worker: Visitor, desk: httpx.Client) -> None:
    if not worker.ui.sorts:
        return  # the Aim UI has no such button
    log(desk, "endless", short_run("endless", "live", time.time() - 60, ended=False))
    worker.goes_to("/runs/endless/settings")
    worker.sees("In Progress")
    worker.clicks("Stop")
    worker.sees("Finished")
    worker.reloads()
    worker.sees("Finished")


def test_live_run_says_so(visitor: Visitor) -> None:
    visitor.goes_to(f"/runs/{LIVE}/overview")
    visitor.sees("In Progress")


def _new_run(worker: Visitor, desk: httpx.Client, purpose: str) -> str:
    name = f"to-be-{purpose}-{worker.ui}"
    log(desk, name, short_run(name, f"kept for {worker.ui}", time.time() - 900))
    return name
