"""Everything that one version of the views holds, in a form that is equal to the letter or is not."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec
import numpy as np

from contracts.keys import data_key
from contracts.tables import LOG_LINES, LOG_RECORDS, OBJECTS, POINTS, RUN_STATES, TABLES, VIEW_COLLECTIONS, ViewNames
from projector.fold.run_state import RunState, unpack_state
from stores.columns.port import ColumnReader, ObjectsWanted, SeriesObjects, SeriesPoints
from stores.documents.port import DocumentReader

_Key = TypeVar("_Key", bound=Hashable)
_LOG_PART = 10_000
_encoder = msgspec.msgpack.Encoder(order="sorted")


class ViewDump(msgspec.Struct, frozen=True, kw_only=True):
    """documents: by collection and id, as bytes with sorted keys. columns: by table and series or log, as bytes.

    row_counts: by table; they also count rows of incarnations that are gone, whose names nobody remembers. Whole in
    memory: meant for comparing, not for archives.
    """

    documents: dict[str, dict[str, bytes]]
    columns: dict[str, dict[str, bytes]]
    row_counts: dict[str, int]

    def differences(self, other: "ViewDump") -> list[str]:
        """One line for each document, series and log that differs; empty means equal to the letter."""
        found = _all_different(self.documents, other.documents) + _all_different(self.columns, other.columns)
        for table, count in self.row_counts.items():
            if count != other.row_counts[table]:
                found.append(f"number of {table}: {count}, {other.row_counts[table]}")
        return found


async def dump_view(documents: DocumentReader, columns: ColumnReader, names: ViewNames) -> ViewDump:
    dumped: dict[str, dict[str, bytes]] = {}
    for collection in VIEW_COLLECTIONS:
        dumped[collection.name] = {
            document["_id"]: _encoder.encode(document)
            async for batch in documents.find(names.collection(collection))
            for document in batch
        }
    states = [
        unpack_state(document["state"])
        async for batch in documents.find(names.collection(RUN_STATES))
        for document in batch
    ]
    return ViewDump(
        documents=dumped,
        columns={
            POINTS: await _points(columns, names, states),
            OBJECTS: await _objects(columns, names, states),
            LOG_LINES: await _logs(columns, names.log_lines, states),
            LOG_RECORDS: await _logs(columns, names.log_records, states),
        },
        row_counts={table: await columns.count_rows(names.table(table)) for table in TABLES},
    )


async def _points(columns: ColumnReader, names: ViewNames, states: Sequence[RunState]) -> dict[str, bytes]:
    metrics = sorted({name for state in states for name, _ in state.series})
    keys = sorted(_data_keys(states))
    if not metrics or not keys:
        return {}
    return {_named(series): _point_bytes(series) for series in await columns.read_points(names.points, metrics, keys)}


async def _objects(columns: ColumnReader, names: ViewNames, states: Sequence[RunState]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    keys = sorted(_data_keys(states))
    for kind in sorted({kind for state in states for kind, _, _ in state.objects}):
        series_names = sorted({name for state in states for key, name, _ in state.objects if key == kind})
        steps = await columns.read_object_steps(names.objects, kind, series_names, keys)
        wanted = [ObjectsWanted(one.name, one.data_key, one.context, one.steps.tolist()) for one in steps]
        for series in await columns.read_objects(names.objects, kind, wanted):
            found[f"{kind} {_named(series)}"] = _object_bytes(series)
    return found


async def _logs(columns: ColumnReader, table: str, states: Sequence[RunState]) -> dict[str, bytes]:
    return {str(key): content for key in sorted(_data_keys(states)) if (content := await _log(columns, table, key))}


async def _log(columns: ColumnReader, table: str, key: int) -> bytes:
    content, following = b"", 0
    while len((part := await columns.read_log(table, key, numbers=(following, None), limit=_LOG_PART)).payloads):
        content += part.numbers.tobytes() + _encoder.encode(part.payloads)
        following = int(part.numbers[-1]) + 1
    return content


def _data_keys(states: Iterable[RunState]) -> set[int]:
    return {data_key(state.run_id, incarnation) for state in states for incarnation in range(state.incarnation + 1)}


def _named(series: SeriesPoints | SeriesObjects) -> str:
    return f"{series.data_key}/{series.name}/{series.context}"


def _point_bytes(series: SeriesPoints) -> bytes:
    return b"".join(array.tobytes() for array in (series.steps, series.values, series.epochs, series.times))


def _object_bytes(series: SeriesObjects) -> bytes:
    arrays = (series.steps, series.epochs, series.times, series.listed.astype(np.uint8))
    return b"".join(array.tobytes() for array in arrays) + _encoder.encode(series.payloads)


def _all_different(mine: Mapping[str, Mapping[str, bytes]], theirs: Mapping[str, Mapping[str, bytes]]) -> list[str]:
    return [
        f"{name}/{key}"
        for name in sorted(mine.keys() | theirs.keys())
        for key in sorted(_different(mine.get(name, {}), theirs.get(name, {})))
    ]


def _different(mine: Mapping[_Key, bytes], theirs: Mapping[_Key, bytes]) -> set[_Key]:
    return {key for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key)}
