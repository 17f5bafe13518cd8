"""Many tables of rows made one."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

from contracts.read_models.logs import LogRows
from contracts.read_models.objects import ObjectRows
from contracts.read_models.points import PointRows

_Rows = TypeVar("_Rows", PointRows, ObjectRows, LogRows)


def concatenated(kind: type[_Rows], parts: Sequence[_Rows]) -> _Rows | None:
    """One table of all rows, in order; None of none. The columns of `kind` are arrays of shape (n,) and lists."""
    if len(parts) <= 1:
        return parts[0] if parts else None
    columns = {field.name: [getattr(part, field.name) for part in parts] for field in fields(kind)}
    return kind(**{name: _joined(column) for name, column in columns.items()})


def _joined(column: list[Any]) -> Any:
    if isinstance(column[0], list):
        return [value for part in column for value in part]
    return np.concatenate(column)
