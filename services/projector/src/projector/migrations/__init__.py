"""The tables of a version of the views: made by `migrate`, taken away by `remove`; both may run any number of times.

One file per step, NNNN_verb_object.py with `forward`, `backward` (of the table's name) and BLOCKING. A released file is
never changed. Steps are idempotent by their statements and need no record of what ran: a table belongs to one version
of the views, and a version that is built anew gets all of them.
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass

from contracts.tables import LOG_LINES, LOG_RECORDS, OBJECTS, POINTS, ViewNames
from stores.columns.port import Columns

STEPS = {
    "0001_create_points": POINTS,
    "0002_create_objects": OBJECTS,
    "0003_create_log_lines": LOG_LINES,
    "0004_create_log_records": LOG_RECORDS,
}
"""In the order in which they are applied, each with the table it is about."""


@dataclass(frozen=True, slots=True)
class Step:
    """`blocking`: writers must be stopped while it runs."""

    name: str
    forward: tuple[str, ...]
    backward: tuple[str, ...]
    blocking: bool


def steps(names: ViewNames) -> list[Step]:
    """Every step with the statements for these names, in order."""
    return [_step(name, names.table(table)) for name, table in STEPS.items()]


async def migrate(columns: Columns, names: ViewNames) -> None:
    """Bring the tables of these names up to date; what is there stays."""
    for step in steps(names):
        await _execute(columns, step.forward)


async def remove(columns: Columns, names: ViewNames) -> None:
    """Remove the tables of these names and all their rows, as far as they are there."""
    for step in reversed(steps(names)):
        await _execute(columns, step.backward)


async def _execute(columns: Columns, statements: Sequence[str]) -> None:
    for statement in statements:
        await columns.execute(statement)


def _step(name: str, table: str) -> Step:
    module = importlib.import_module(f"{__name__}.{name}")  # a name that begins with a digit has no import statement
    return Step(name, tuple(module.forward(table)), tuple(module.backward(table)), module.BLOCKING)
