"""Whatever the text, only the errors of the language come out, nothing real is in reach, and the budgets hold."""

import logging
import os
import random
import time

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.query_api.language.fuzzing import SAMPLE, Report, assert_run_is_out_of_reach, fuzz
from tests.unit.query_api.language.random_queries import METRIC_QUERIES

log = logging.getLogger(__name__)

SECONDS = float(os.environ.get("TALLYBOOK_FUZZ_SECONDS", "300"))
MOST_GROWTH_BYTES = 200 << 20
RANDOM = random.Random


@pytest.mark.parametrize("seed", range(4))
def test_random_texts(seed: int) -> None:
    report = Report()
    fuzz(RANDOM(seed), report, count=500)
    assert report.count == 500
    assert {"match", "no match", "query_syntax_error", "query_rejected"} <= report.texts.keys()


@given(st.text(max_size=30))
@settings(max_examples=150, deadline=None)
def test_random_characters(text: str) -> None:
    fuzz(RANDOM(0), Report(), [text])


@given(METRIC_QUERIES, st.sampled_from(["str({})", "[{}] * 3", "sorted([{0}, {0}])", "(lambda v: v)({})", "{0} + {0}"]))
@settings(max_examples=100, deadline=None)
def test_random_trees(text: str, around: str) -> None:
    fuzz(RANDOM(0), Report(), [around.format(text)])


def test_what_lies_behind_a_run_is_out_of_reach() -> None:
    assert_run_is_out_of_reach(SAMPLE[0])


@pytest.mark.slow
@pytest.mark.timeout(3 * SECONDS + 600)
def test_for_minutes() -> None:
    """TALLYBOOK_FUZZ_SECONDS, 300 unless it says otherwise."""
    report, memory = Report(), psutil.Process().memory_info
    seed = random.SystemRandom().getrandbits(32)
    log.info("seed %d", seed)
    chosen = RANDOM(seed)
    fuzz(chosen, report, count=2_000)
    before, until = memory().rss, time.monotonic() + SECONDS
    while time.monotonic() < until:
        fuzz(chosen, report, count=500)
    log.info(
        "%d texts, %d values looked into, slowest %.2f s of CPU, %.1f MiB at once, process grew by %.1f MiB: %s",
        report.count, report.values, report.slowest_cpu_seconds, report.most_memory_bytes / 2**20,
        (memory().rss - before) / 2**20, dict(report.texts),
    )  # fmt: skip
    assert memory().rss - before < MOST_GROWTH_BYTES
