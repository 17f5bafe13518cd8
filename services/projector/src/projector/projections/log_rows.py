"""Rows of both log tables, from numbers and what stands there."""

from collections.abc import Mapping

import numpy as np

from contracts.keys import data_key
from contracts.position import Position
from contracts.read_models.logs import LogRows
from projector.fold.run_state import RunState


def log_rows(payloads: Mapping[int, bytes], state: RunState, position: Position) -> LogRows:
    """payloads: by number of line or record. state: after the event."""
    return LogRows(
        data_keys=np.full(len(payloads), data_key(state.run_id, state.incarnation), np.uint64),
        steps=np.array(list(payloads), np.int64),
        payloads=list(payloads.values()),
        versions=np.full(len(payloads), position.version, np.int64),
    )
