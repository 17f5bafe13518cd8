"""Rows as columns of their tables, under the names that the migrations give these."""

from collections.abc import Sequence

import numpy as np

from contracts.read_models.logs import LogRows
from contracts.read_models.objects import ObjectRows
from contracts.read_models.points import PointRows
from stores.columns.native import Column

Columns = dict[str, Column | Sequence[str] | Sequence[bytes]]


def point_columns(rows: PointRows) -> Columns:
    return {
        "name": rows.names,
        "run": rows.data_keys,
        "ctx": rows.contexts,
        "step": rows.steps,
        "value": rows.values,
        "epoch": rows.epochs,
        "time": rows.times,
        "version": rows.versions.view(np.uint64),
    }


def object_columns(rows: ObjectRows) -> Columns:
    return {
        "kind": rows.kinds,
        "name": rows.names,
        "run": rows.data_keys,
        "ctx": rows.contexts,
        "step": rows.steps,
        "epoch": rows.epochs,
        "time": rows.times,
        "listed": rows.listed.astype(np.uint8),
        "payload": rows.payloads,
        "version": rows.versions.view(np.uint64),
    }


def log_columns(rows: LogRows) -> Columns:
    return {
        "run": rows.data_keys,
        "step": rows.steps,
        "payload": rows.payloads,
        "version": rows.versions.view(np.uint64),
    }
