"""The explorers of both UIs: every one draws what it is asked for, and again after a reload of its address."""

import pytest
from playwright.sync_api import expect
from tests.browser.explorer import Explorer
from tests.browser.showcase import GALLERY_STEPS
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

FEW = "run.seed >= 44"  # six trials, two of each optimizer
CURVES = 6
PICTURES = ".ImageBox__imageWrapper"


def test_metrics_are_drawn_smoothed_and_drawn_again_after_a_reload(visitor: Visitor) -> None:
    explorer = Explorer(visitor, "/metrics", "Metrics")
    explorer.draws('loss subset="val"', query=FEW)
    expect(explorer.lines()).to_have_count(CURVES)
    visitor.keep("drawn")
    rough = explorer.shape()
    explorer.uses("Apply smoothing")
    explorer.waits_for_another_shape(rough)
    smooth = explorer.shape()
    visitor.reloads()
    expect(explorer.lines()).to_have_count(CURVES)
    expect(explorer.lines().first).to_have_attribute("d", smooth)


def test_x_axis_is_another_metric(visitor: Visitor) -> None:
    explorer = Explorer(visitor, "/metrics", "Metrics")
    explorer.draws('loss subset="val"', query=FEW)
    expect(explorer.lines()).to_have_count(CURVES)
    by_steps = explorer.shape()
    explorer.aligns_by("examples")
    explorer.waits_for_another_shape(by_steps)
    expect(explorer.lines()).to_have_count(CURVES)
    visitor.keep("aligned")
    visitor.reloads()
    expect(explorer.lines()).to_have_count(CURVES)
    assert explorer.shape() != by_steps


def test_curves_are_grouped_by_a_param_and_aggregated(visitor: Visitor) -> None:
    explorer = Explorer(visitor, "/metrics", "Metrics")
    explorer.draws('loss subset="val"', query=FEW)
    expect(explorer.lines()).to_have_count(CURVES)
    explorer.groups_by("run.hparams.optimizer", "color")
    for optimizer in ("sgd", "adam", "rmsprop"):
        expect(visitor.page.get_by_text(optimizer).first).to_be_visible()
    visitor.keep("grouped")
    explorer.uses("Aggregate metrics")
    expect(visitor.page.locator("path.AggrLine")).to_have_count(3)
    expect(visitor.page.locator("path.AggrArea")).to_have_count(3)


def test_newer_metrics_explorer_draws_and_can_be_reloaded(visitor: Visitor) -> None:
    """No link leads there; both UIs have it."""
    explorer = Explorer(visitor, "/metrics_v2", "Metric")
    explorer.draws('loss subset="val"', query=FEW)
    for _ in range(2):
        expect(explorer.lines()).to_have_count(CURVES)
        visitor.reloads()


def test_params_are_drawn_against_results(visitor: Visitor) -> None:
    explorer = Explorer(visitor, "/params", "Run Params")
    explorer.draws("hparams.lr", "hparams.optimizer", 'accuracy subset="val"', query=FEW)
    for _ in range(2):
        expect(explorer.lines()).to_have_count(CURVES)
        for axis in ("hparams.lr", "hparams.optimizer"):
            expect(visitor.page.locator("svg").get_by_text(axis)).to_be_visible()
        visitor.reloads()


def test_scatters_show_two_values_of_each_run(visitor: Visitor) -> None:
    explorer = Explorer(visitor, "/scatters", "")
    explorer.opens()
    for axis, option in (("X axis", "hparams.lr"), ("Y axis", 'loss subset="val"')):
        visitor.page.locator(".Dropdown").filter(has_text=axis).click()
        visitor.page.locator("[class*=menu]").get_by_text(option, exact=True).click()
    visitor.types_query(FEW)
    visitor.searches("run")
    points = visitor.page.locator("circle.Circle")
    expect(points).to_have_count(CURVES)
    visitor.reloads()
    expect(points).to_have_count(CURVES)


def test_images_are_shown_and_narrowed_by_steps(visitor: Visitor) -> None:
    explorer = Explorer(visitor, "/images", "Images")
    explorer.draws("samples")
    expect(visitor.page.get_by_role("img", name="step 0 #0")).to_be_visible()
    visitor.waits_for_pictures(PICTURES)
    visitor.keep("all")
    explorer.narrows_steps(to=2)
    expect(visitor.page.get_by_role("img", name="step 2 #1")).to_be_visible()
    expect(visitor.page.get_by_role("img", name="step 3 #0")).to_have_count(0)
    visitor.reloads()
    expect(visitor.page.get_by_role("img", name="step 2 #1")).to_be_visible()
    visitor.waits_for_pictures(PICTURES)


def test_figures_are_drawn(visitor: Visitor) -> None:
    Explorer(visitor, "/figures", "Figures").draws("roc")
    for _ in range(2):
        expect(visitor.page.get_by_text(f"ROC at step {GALLERY_STEPS - 1}", exact=True)).to_be_visible()
        expect(visitor.page.locator(".js-plotly-plot path.js-line").first).to_be_visible()
        visitor.reloads()


def test_audios_are_listed_and_can_be_played(visitor: Visitor) -> None:
    Explorer(visitor, "/audios", "Audios").draws("beep")
    for _ in range(2):
        expect(visitor.page.get_by_text(f"beep {GALLERY_STEPS - 1}", exact=True)).to_be_visible()
        visitor.reloads()
    # By its caption, not by its place: the page draws only the boxes in sight, and puts others before them or takes
    # some away while it measures itself and when it is scrolled.
    box = visitor.page.locator(".AudioBox").filter(has_text=f"beep {GALLERY_STEPS - 1}")
    box.locator(".AudioBox__controllers__player svg").first.click()
    expect(box.get_by_text("/00:01")).to_be_visible()  # rounded up; it is known once the sound was decoded


def test_texts_are_shown(visitor: Visitor) -> None:
    Explorer(visitor, "/text", "Texts").draws("answers")
    for _ in range(2):
        expect(visitor.page.get_by_text("answer 0 at step 0", exact=True).first).to_be_visible()
        visitor.reloads()
