"""Frames of runs and of progress (streaming contract, 8 and 9)."""

import msgspec

from contracts.aimcodec.progress import encode_progress
from contracts.aimcodec.records import encode_tree
from contracts.read_models import RunDocument, RunSegments
from query_api.queries.props import props_of
from stores.runs.catalog import Catalog


def props_records(run: RunDocument, catalog: Catalog) -> bytes:
    return encode_tree(msgspec.to_builtins(props_of(run, catalog)), (run.id, "props"))


def params_records(run_id: str, segments: RunSegments | None, *, skip_system: bool) -> bytes:
    """At least the opener: pages read `params` without asking whether it is there."""
    if segments is None:
        return no_params_records(run_id)
    system = b"" if skip_system else segments.system_params
    return system if system and segments.params_empty else segments.params + system


def no_params_records(run_id: str) -> bytes:
    return encode_tree({}, (run_id, "params"))


def overview_records(run_id: str, segments: RunSegments | None) -> bytes:
    return no_overview_records(run_id) if segments is None else segments.traces


def no_overview_records(run_id: str) -> bytes:
    return encode_tree([], (run_id, "traces", "metric"))


class Progress:
    """Progress frames of one answer, numbered from 0; none at all where nobody wants them.

    One follows each run and one ends the answer. None is sent because time has passed, as Aim does every 0.5 s: nothing
    is sent before the first match, so a query that turns out to cost too much is still refused with its reason, and
    evaluation may take 2 s at most.
    """

    def __init__(self, total: int, *, wanted: bool) -> None:
        self._total = total
        self._wanted = wanted
        self._number = 0

    def frame(self, checked: int) -> bytes:
        """checked: runs looked at so far. Empty if unwanted."""
        if not self._wanted:
            return b""
        frame = encode_progress(self._number, checked, self._total)
        self._number += 1
        return frame
