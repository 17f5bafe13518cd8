"""Conditions and orders of the documents port as SQLite's SQL. Holds no connection.

A collection is a table of `_id`, `_v`, `body` (the whole document as MessagePack) and one column `f_<field>` per
indexed field. Such a column has no declared type and holds the field's cell: None, a number, a text, or a mark for the
rest.
"""

import json
import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from stores.documents.matching import is_number
from stores.documents.port import AllOf, AnyOf, Condition, Where

Cell = None | int | float | str | bytes

_FALSE, _TRUE, _NAN, _OPAQUE = b"\x00", b"\x01", b"\x02", b"\x03"
_MAX_LOOSE_VALUES = 500  # of one `in`; SQLite takes 32,766 parameters in one statement
_ORDERS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of SQL and its parameters. `exact`: False if the piece also lets through what does not match."""

    sql: str
    parameters: tuple[Cell, ...] = ()
    exact: bool = True


EVERYTHING = Fragment("1")
_NOTHING = Fragment("0")
_ANYTHING_TO_CHECK = Fragment("1", exact=False)


def cell(value: Any) -> Cell:
    """What an extracted column holds for a field's value."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    if isinstance(value, int | float):
        return _NAN if math.isnan(value) else value  # SQLite would store NaN as NULL, which means missing
    return _OPAQUE


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def column(field: str) -> str:
    return quoted(field if field in {"_id", "_v"} else f"f_{field}")


def where_sql(where: Where | None, fields: Collection[str]) -> Fragment:
    """The condition as far as the columns of `fields` can answer it; never narrower than it is."""
    if where is None:
        return EVERYTHING
    if isinstance(where, AllOf):
        return _joined(" AND ", [where_sql(part, fields) for part in where.of], EVERYTHING)
    if isinstance(where, AnyOf):
        return _joined(" OR ", [where_sql(part, fields) for part in where.of], _NOTHING)
    return _condition_sql(where) if where.field in fields else _ANYTHING_TO_CHECK


def order_sql(order: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{column(field)} {'ASC' if direction > 0 else 'DESC'}" for field, direction in order)


def after_sql(order: Sequence[tuple[str, int]], last: Sequence[Cell]) -> Fragment:
    """Rows that come after the one whose cells in the order's columns are `last`."""
    alternatives = []
    for index, ((field, direction), value) in enumerate(zip(order, last, strict=True)):
        beyond = _beyond(column(field), direction, value)
        equal = [
            Fragment(f"{column(name)} IS ?", (known,)) for (name, _), known in zip(order[:index], last, strict=False)
        ]
        alternatives.append(_joined(" AND ", [*equal, beyond], EVERYTHING))
    return _joined(" OR ", alternatives, _NOTHING)


def both(left: Fragment, right: Fragment) -> Fragment:
    return _joined(" AND ", [left, right], EVERYTHING)


def _beyond(name: str, direction: int, value: Cell) -> Fragment:
    """SQLite sorts NULL before everything, and compares nothing with it."""
    if value is None:
        return Fragment(f"{name} IS NOT NULL") if direction > 0 else _NOTHING
    if direction > 0:
        return Fragment(f"{name} > ?", (value,))
    return Fragment(f"({name} < ? OR {name} IS NULL)", (value,))


def _joined(operator: str, parts: Sequence[Fragment], empty: Fragment) -> Fragment:
    if not parts:
        return empty
    return Fragment(
        "(" + operator.join(part.sql for part in parts) + ")",
        tuple(parameter for part in parts for parameter in part.parameters),
        all(part.exact for part in parts),
    )


def _condition_sql(condition: Condition) -> Fragment:
    name, value = column(condition.field), condition.value
    match condition.op:
        case "eq" | "ne" if _has_cell(value):
            return Fragment(f"{name} {'IS' if condition.op == 'eq' else 'IS NOT'} ?", (cell(value),))
        case "in" if all(_has_cell(each) for each in value):
            return _in_sql(name, list(value))
        case "lt" | "lte" | "gt" | "gte":
            return _order_condition(name, condition.op, value)
        case _:
            return _ANYTHING_TO_CHECK


def _has_cell(value: Any) -> bool:
    return cell(value) != _OPAQUE


def _in_sql(name: str, values: list[Any]) -> Fragment:
    cells = [cell(value) for value in values]
    texts = [value for value in cells if isinstance(value, str) and "\0" not in value]
    loose = [value for value in cells if value is not None and not (isinstance(value, str) and "\0" not in value)]
    if len(loose) > _MAX_LOOSE_VALUES:
        return _ANYTHING_TO_CHECK
    return _joined(" OR ", list(_alternatives(name, cells, texts, loose)), _NOTHING)


def _alternatives(name: str, cells: list[Cell], texts: list[str], loose: list[Any]) -> Iterator[Fragment]:
    if texts:
        # One parameter for any number of ids; a text with a zero byte would end there.
        listed = f"{name} IN (SELECT value FROM json_each(?))"  # noqa: S608  # a quoted name
        yield Fragment(listed, (json.dumps(texts, ensure_ascii=False),))
    if loose:
        yield Fragment(f"{name} IN ({', '.join('?' * len(loose))})", tuple(loose))
    if None in cells:
        yield Fragment(f"{name} IS NULL")


def _order_condition(name: str, op: str, value: Any) -> Fragment:
    """SQLite sorts NULL, numbers, texts, blobs: the second bound keeps the comparison among values of one kind."""
    if isinstance(value, str):
        bound = f"{name} >= ''" if op in {"lt", "lte"} else f"{name} < x''"
    elif is_number(value) and not math.isnan(value):
        bound = "1" if op in {"lt", "lte"} else f"{name} < ''"
    else:
        return _NOTHING
    return Fragment(f"({name} {_ORDERS[op]} ? AND {bound})", (value,))
