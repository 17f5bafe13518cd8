"""Recorded answers of the reference server: load one, read a body as it is noted there, compare an answer with it.

A test needs `load`, builds an `Answer` from what its server said, and asserts `differences(case, answer) == []`.
"""

from tests.vectors_support.answers import Answer, decode
from tests.vectors_support.cases import Case, Scenario, capture, load, load_scenario, names, scenario_names, substitute
from tests.vectors_support.comparing import differences
from tests.vectors_support.dataset import dataset
from tests.vectors_support.loading import load_runs, run_messages

__all__ = [
    "Answer",
    "Case",
    "Scenario",
    "capture",
    "dataset",
    "decode",
    "differences",
    "load",
    "load_runs",
    "load_scenario",
    "names",
    "run_messages",
    "scenario_names",
    "substitute",
]
