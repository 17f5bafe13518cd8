"""Everything that one version of the views holds, in a form that is equal to the letter or is not."""

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

import msgspec

from contracts.keys import data_key
from contracts.tables import RUN_STATES, VIEW_COLLECTIONS, ViewNames
from projector.fold.run_state import RunState, unpack_state
from stores.columns.port import ColumnReader, SeriesPoints
from stores.documents.port import DocumentReader

_Key = TypeVar("_Key", bound=Hashable)
_encoder = msgspec.msgpack.Encoder(order="sorted")


class ViewDump(msgspec.Struct, frozen=True, kw_only=True):
    """documents: by collection and id, as bytes with sorted keys. points: one entry of bytes per series, in order.

    point_count also counts points of incarnations that are gone, whose names nobody remembers. Whole in memory: meant
    for comparing, not for archives.
    """

    documents: dict[str, dict[str, bytes]]
    points: list[tuple[str, int, int, bytes]]
    point_count: int

    def differences(self, other: "ViewDump") -> list[str]:
        """One line for each document and series that differs; empty means equal to the letter."""
        found: list[str] = []
        for collection in sorted(self.documents.keys() | other.documents.keys()):
            mine, theirs = self.documents.get(collection, {}), other.documents.get(collection, {})
            found += [f"{collection}/{id}" for id in sorted(_different(mine, theirs))]
        mine_points = {point[:3]: point[3] for point in self.points}
        their_points = {point[:3]: point[3] for point in other.points}
        found += [f"points/{key}" for key in sorted(_different(mine_points, their_points))]
        if self.point_count != other.point_count:
            found.append(f"number of points: {self.point_count}, {other.point_count}")
        return found


async def dump_view(documents: DocumentReader, columns: ColumnReader, names: ViewNames) -> ViewDump:
    dumped: dict[str, dict[str, bytes]] = {}
    for collection in VIEW_COLLECTIONS:
        dumped[collection.name] = {
            document["_id"]: _encoder.encode(document)
            async for batch in documents.find(names.collection(collection))
            for document in batch
        }
    return ViewDump(
        documents=dumped,
        points=await _points(documents, columns, names),
        point_count=await columns.count_points(names.points),
    )


async def _points(
    documents: DocumentReader, columns: ColumnReader, names: ViewNames
) -> list[tuple[str, int, int, bytes]]:
    states = [
        unpack_state(document["state"])
        async for batch in documents.find(names.collection(RUN_STATES))
        for document in batch
    ]
    metrics = sorted({name for state in states for name, _ in state.series})
    keys = sorted(_data_keys(states))
    if not metrics or not keys:
        return []
    return [_series(series) for series in await columns.read_points(names.points, metrics, keys)]


def _data_keys(states: Iterable[RunState]) -> set[int]:
    return {data_key(state.run_id, incarnation) for state in states for incarnation in range(state.incarnation + 1)}


def _series(series: SeriesPoints) -> tuple[str, int, int, bytes]:
    arrays = (series.steps, series.values, series.epochs, series.times)
    return series.name, series.data_key, series.context, b"".join(array.tobytes() for array in arrays)


def _different(mine: Mapping[_Key, bytes], theirs: Mapping[_Key, bytes]) -> set[_Key]:
    return {key for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key)}
