"""Where our answers differ from the recorded ones on purpose, each with the reason that decides it.

A deviation speaks of single differences, as `vectors_support.differences` puts them; what none of them accepts is a
fault. One that accepts nothing any more is a fault too: the list only says what is true. Answers to the cases of the
query language differ as a whole: each such case names an equivalent query that the reference answers as intended, and
the two must have the same answer.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from tests.vectors.rows import row_of
from tests.vectors_support.cases import load_any


@dataclass(frozen=True)
class Deviation:
    """difference: what it accepts, matched from the sentence's start. rows: where it may occur, None for all."""

    reason: str
    difference: str
    rows: tuple[int | None, ...] | None = None

    def accepts(self, vector: str, difference: str) -> bool:
        if re.match(self.difference, difference) is None:
            return False
        request = load_any(vector).request
        return self.rows is None or row_of(request.method, request.path) in self.rows


@dataclass(frozen=True)
class QueryDeviation:
    """same_as: a query with the answer that the case has here."""

    reason: str
    same_as: str


_LEFT_OUT = {
    "run-search-slow-progress": "the query was made slow on purpose, and budgets refuse such a query with 400",
}


def is_left_out(vector: str) -> bool:
    """Whether a vector is not compared at all."""
    return vector.rpartition("/")[2] in _LEFT_OUT


DEVIATIONS = (
    Deviation(
        "the envelope merges two systems': `error` beside `message` and `detail` (REST contract, 1.5)",
        r"value\.error: is not expected",
    ),
    Deviation(
        "`detail` repeats `message` without a status in front (REST contract, 1.5)",
        r'value\.detail: expected "4\d\d: (.*)", got "\1"$',
    ),
    Deviation(
        "a wrong type is told in the envelope as well (REST contract, 1.5)",
        r'value\.(message: is not expected|detail: expected \[.*got ")',
    ),
    Deviation(
        "`detail` of a syntax error names itself (REST contract, 1.5)",
        r'value\.detail\.name: is not expected: "SyntaxError"$',
    ),
    Deviation(
        "`params` and `traces` are always there, empty if excluded (REST contract, row 19)",
        r'items\.\d+\.1\.(params: is not expected: \{\}|traces: is not expected: \{"metric": \[\]\})$',
        rows=(19,),
    ),
    Deviation(
        "ids of notes are UUID texts (REST contract, 1.4)",
        r'value\.(\d+\.)?id: expected \d+, got "[0-9a-f-]{36}"$',
        rows=(10, 12, 49, 51),
    ),
    Deviation(
        "the count of log records comes even if it is 0 (REST contract, row 18)",
        r"items(: expected 0 elements, got 1|\.0: .*log_records_count)",
        rows=(18,),
    ),
    Deviation(
        "a preflight needs no body: nobody reads it (REST contract, 1.6)",
        r'value: expected "OK", got ""$',
        rows=(None,),
    ),
)


_TEXT_METHODS = "methods of texts work on stored texts as they do on `run.name`; the reference looks them up as keys"
_INDEXES = "negative indexes, slices and characters work on stored lists and texts; the reference looks them up as keys"
_VISIBLE = "`run` and the sequence are visible inside lambdas and loops; in the reference the name is unknown there"
_EXACT = "the pre-filter of a sequence search leaves out only runs that cannot match; the reference loses some that do"

QUERY_DEVIATIONS = {
    "access-18": QueryDeviation(_INDEXES, "any([list(v)[len(v) - 1] == 10 for v in [run.hparams.layers]])"),
    "access-21": QueryDeviation(_INDEXES, "list(run.hparams.layers)[0:2] == [64, 64]"),
    "str-01": QueryDeviation(_TEXT_METHODS, "str(run.hparams.optimizer).startswith('ad')"),
    "str-02": QueryDeviation(_TEXT_METHODS, "str(run.hparams.optimizer).lower().startswith('ad')"),
    "str-04": QueryDeviation(_TEXT_METHODS, "run.hparams.optimizer in ['AdamW', 'sgd']"),
    "str-08": QueryDeviation(_INDEXES, "str(run.hparams.optimizer)[0] == 'A'"),
    "str-10": QueryDeviation(_TEXT_METHODS, "str(run.hparams.optimizer).find('g') == 1"),
    "str-18": QueryDeviation(_TEXT_METHODS, "str(run.dataset.version).isdigit() and int(run.dataset.version) > 5"),
    "func-34": QueryDeviation(_VISIBLE, "'prod' in run.tags or 'dev' in run.tags"),
    "func-35": QueryDeviation(_VISIBLE, "run.hparams.lr == 0.1"),
    "func-37": QueryDeviation(_VISIBLE, "max(run.hparams.layers) > run.hparams.batch_size"),
    "expr-05": QueryDeviation(_VISIBLE, "run.hparams.lr == 0.1"),
    "metric-66": QueryDeviation(_VISIBLE, "metric.name == 'acc'"),
    "mprune-08": QueryDeviation(_VISIBLE, "metric.name == 'acc'"),
    "mprune-01": QueryDeviation(_EXACT, "metric.name != 'loss' or run.hparams.lr != 0.1"),
    "mprune-03": QueryDeviation(
        _EXACT, "run.hparams.lr == 0.0001 and run.archived or run.hparams.lr == 0.0001 and metric.name == 'acc'"
    ),
}
"""By the id of the case."""


def unexplained(vector: str, differences: Iterable[str]) -> list[str]:
    """Differences that no deviation accepts."""
    return [one for one in differences if not any(deviation.accepts(vector, one) for deviation in DEVIATIONS)]


def used(found: Collection[tuple[str, str]]) -> set[Deviation]:
    """The deviations that accept at least one of (vector, difference)."""
    return {deviation for deviation in DEVIATIONS if any(deviation.accepts(*one) for one in found)}
