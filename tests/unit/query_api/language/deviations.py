"""Where the language differs on purpose from the recorded answers of the reference, and why. Nothing else may differ.

Each case names an equivalent query that the reference answers as intended; the two must have the same answer.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Deviation:
    reason: str
    same_as: str
    """A query with the answer that the case has here."""


TEXT_METHODS = "methods of texts work on stored texts as they do on `run.name`; the reference looks them up as keys"
INDEXES = "negative indexes, slices and characters work on stored lists and texts; the reference looks them up as keys"
VISIBLE = "`run` and the sequence are visible inside lambdas and loops; in the reference the name is unknown there"
EXACT = "the pre-filter of a sequence search leaves out only runs that cannot match; the reference loses some that do"

DEVIATIONS = {
    "access-18": Deviation(INDEXES, "any([list(v)[len(v) - 1] == 10 for v in [run.hparams.layers]])"),
    "access-21": Deviation(INDEXES, "list(run.hparams.layers)[0:2] == [64, 64]"),
    "str-01": Deviation(TEXT_METHODS, "str(run.hparams.optimizer).startswith('ad')"),
    "str-02": Deviation(TEXT_METHODS, "str(run.hparams.optimizer).lower().startswith('ad')"),
    "str-03": Deviation(TEXT_METHODS, "str(run.hparams.optimizer).endswith('w')"),
    "str-04": Deviation(TEXT_METHODS, "run.hparams.optimizer in ['AdamW', 'sgd']"),
    "str-08": Deviation(INDEXES, "str(run.hparams.optimizer)[0] == 'A'"),
    "str-10": Deviation(TEXT_METHODS, "str(run.hparams.optimizer).find('g') == 1"),
    "str-18": Deviation(TEXT_METHODS, "str(run.dataset.version).isdigit() and int(run.dataset.version) > 5"),
    "func-34": Deviation(VISIBLE, "'prod' in run.tags or 'dev' in run.tags"),
    "func-35": Deviation(VISIBLE, "run.hparams.lr == 0.1"),
    "func-37": Deviation(VISIBLE, "max(run.hparams.layers) > run.hparams.batch_size"),
    "expr-05": Deviation(VISIBLE, "run.hparams.lr == 0.1"),
    "metric-66": Deviation(VISIBLE, "metric.name == 'acc'"),
    "mprune-08": Deviation(VISIBLE, "metric.name == 'acc'"),
    "mprune-01": Deviation(EXACT, "metric.name != 'loss' or run.hparams.lr != 0.1"),
    "mprune-03": Deviation(
        EXACT, "run.hparams.lr == 0.0001 and run.archived or run.hparams.lr == 0.0001 and metric.name == 'acc'"
    ),
}
