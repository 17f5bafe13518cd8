"""Where our answers differ from the recorded ones on purpose, each with the reason that decides it.

A deviation speaks of single differences, as `vectors_support.differences` puts them; what none of them accepts is a
fault. One that accepts nothing any more is a fault too: the list only says what is true. Answers to the cases of the
query language differ as a whole: each such case names an equivalent query that the reference answers as intended, and
the two must have the same answer.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from tests.vectors.rows import row_of
from tests.vectors_support import Case, dataset
from tests.vectors_support.cases import EXTRA_NAME, load_any


@dataclass(frozen=True)
class Deviation:
    """difference: what it accepts, matched from the sentence's start. rows: where it may occur, None for all.

    of: whether it may occur in a case.
    """

    reason: str
    difference: str
    rows: tuple[int | None, ...] | None = None
    of: Callable[[Case], bool] = lambda _: True

    def accepts(self, vector: str, difference: str) -> bool:
        if re.match(self.difference, difference) is None:
            return False
        case = load_any(vector)
        row = row_of(case.request.method, case.request.path)
        return (self.rows is None or row in self.rows) and self.of(case)


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
        rows=(10, 12, *range(49, 53)),
    ),
    Deviation(
        "the count of log records comes even if it is 0 (REST contract, row 18)",
        r"items(: expected 0 elements, got 1|\.0: .*log_records_count)",
        rows=(18,),
    ),
    Deviation(
        "a search shows all that the list shows (REST contract, row 42)",
        r'value\.\d+\.(description: expected "", got|creation_time: expected null, got)',
        rows=(42,),
    ),
    Deviation(
        "a preflight needs no body: nobody reads it (REST contract, 1.6)",
        r'value: expected "OK", got ""$',
        rows=(None,),
    ),
)

SCENARIO_DEVIATIONS = (
    Deviation(
        "ids of notes are UUID texts, in messages too (REST contract, 1.4)",
        r'value\.(message|detail): expected ".*Note with id \d+ is not .*got "Note with id [0-9a-f-]{36} is not',
        rows=(51,),
    ),
    Deviation(
        "an experiment with runs may be archived (REST contract, row 45)",
        r"status: expected 400, got 200",
        rows=(45,),
    ),
    Deviation(
        "and is archived then",
        r"value\.2\.archived: expected false, got true$",
        rows=(41,),
    ),
    Deviation(
        "a description that a change does not name stays (REST contract, row 45)",
        r'value\.\d+\.description: expected "", got "(image models|d)"$',
        rows=(41,),
    ),
    Deviation(
        "the kinds that are listed are those that may be asked for (REST contract, row 1)",
        r"value\.traces\.(logs|log_records): ",
        rows=(1,),
    ),
    Deviation(
        "every route of a run says of an unknown one that the run is not found (REST contract, row 9)",
        r'value\.(message|detail): expected ".*Not Found", got "Run not found\."$',
        rows=(8,),
    ),
    Deviation(
        "the text of a taken name ends without a full stop (REST contract, row 43)",
        r"value\.(message|detail): expected \".*'(\w+)' already exists\.\", got \".*'\2' already exists\"$",
        rows=(43,),
    ),
    Deviation(
        "epochs and times are plain lists (streaming contract, 9.5)",
        r"items\.\d+\.1\.traces\.\d+\.(epochs|timestamps)(: expected 1 elements|\.0: expected \[)",
        rows=(24,),
    ),
    Deviation(
        "the range of indices comes under both names that servers give it (REST contract, rows 29 to 33)",
        r"items\.\d+\.1\.index_range_used: is not expected",
        rows=(32,),
    ),
    Deviation(
        "a reference that is asked for twice is sent once (REST contract, row 39)",
        r"items: expected 2 elements, got 1$",
        rows=(39,),
    ),
    Deviation(
        "a reference that is none is left out (REST contract, row 39)",
        r"status: expected 500, got 200",
        rows=(39, 40),
    ),
)
"""What only scenarios show; all of the others are accepted there as well."""

NOTHING_LEFT = Deviation(
    "under our own prefix the deletion of a dashboard, an app or a report has no body (REST contract, 1.5)",
    r"status: expected 200, got 204 with body b''$",
    rows=(71, 76, 81),
)
"""Of scenarios under our own prefix alone."""


def _asks_after_an_unknown_run(case: Case) -> bool:
    offset = case.request.query.get("offset")
    return bool(offset) and offset not in {run["hash"] for run in dataset()["runs"]}


FURTHER_DEVIATIONS = (
    Deviation(
        "what the reference fails at is answered (streaming contract, 12.3), with what is due (REST contract, 1.5)",
        r"status: expected 500, got [24]\d\d ",
    ),
    Deviation(
        "a page after a run that there never was is empty (REST contract, row 19)",
        r"items: expected \d+ elements, got 0$",
        rows=(19,),
        of=_asks_after_an_unknown_run,
    ),
    Deviation(
        "the query was made slow on purpose, and budgets refuse such a query",
        r"status: expected 200, got 400 with body .*The query (needs|makes) more",
        of=lambda case: case.timing_dependent,
    ),
    Deviation(
        "HEAD is answered wherever GET is (REST contract, 1.2)",
        r"status: expected 405, got 200 ",
        of=lambda case: case.request.method == "HEAD",
    ),
)
"""What our own vectors do not show; the others are accepted of further ones as well, scenarios or not."""


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


def unexplained(vector: str, differences: Iterable[str], deviations: Collection[Deviation] = DEVIATIONS) -> list[str]:
    """Differences that no deviation accepts, nor, of a further vector, any that are known."""
    known = deviations
    if vector.startswith(EXTRA_NAME):
        known = (*deviations, *DEVIATIONS, *SCENARIO_DEVIATIONS, *FURTHER_DEVIATIONS)
    return [one for one in differences if not any(deviation.accepts(vector, one) for deviation in known)]


def used(found: Collection[tuple[str, str]], deviations: Collection[Deviation] = DEVIATIONS) -> set[Deviation]:
    """The deviations that accept at least one of (vector, difference)."""
    return {deviation for deviation in deviations if any(deviation.accepts(*one) for one in found)}
