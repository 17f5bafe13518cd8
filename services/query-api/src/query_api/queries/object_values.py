"""One object as a page gets it (streaming contract, 9.5)."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from contracts.aimcodec.arrays import NumericArray
from contracts.blobs import Blob
from contracts.events.objects import Audio, Custom, Distribution, Figure, Image, Item, Text
from contracts.read_models import RunDocument
from contracts.trees import StoredValue, Tree, with_values
from query_api.queries.blob_references import BlobReferences, Reference


def parts_of(item: Item) -> Tree:
    """What of an object may lie in the blob store as a value."""
    match item:
        case Text() | Figure():
            return item.data
        case Distribution():
            return item.weights if isinstance(item.weights, StoredValue) else None
        case Custom():
            return item.value
        case Image() | Audio():
            return None


@dataclass(frozen=True, slots=True)
class Records:
    """Objects of one run. values: of all their claim checks. now: seconds UTC, when references are made."""

    references: BlobReferences
    run: RunDocument
    values: Mapping[StoredValue, Tree]
    now: float

    def of(self, item: Item, index: int | None) -> dict[str, Any]:
        """index: the position in the list that was logged, None for kinds without lists."""
        record = self._record(item)
        return record if index is None else {**record, "index": index}

    def _record(self, item: Item) -> dict[str, Any]:
        match item:
            case Image():
                size = {"width": item.width, "height": item.height}
                return {"caption": item.caption, "format": item.format, **size, "blob_uri": self._uri(item.blob)}
            case Audio():
                return {"caption": item.caption, "format": item.format, "blob_uri": self._uri(item.blob)}
            case Text():
                return {"data": with_values(item.data, self.values)}
            case Distribution():
                return self._distribution(item)
            case Figure():
                known = {"source": item.source, "version": item.version, "format": item.format}
                data = figure_text(with_values(item.data, self.values))
                return {**{name: value for name, value in known.items() if value is not None}, "data": data}
            case Custom():
                return {"data": with_values(item.value, self.values)}

    def _uri(self, blob: Blob) -> str:
        return self.references.make(Reference(self.run.id, self.run.incarnation, blob), self.now)

    def _distribution(self, item: Distribution) -> dict[str, Any]:
        weights = with_values(item.weights, self.values)
        # Text stands for weights that the blob store has lost.
        dtype = np.dtype(item.dtype).newbyteorder("<")
        numbers = np.frombuffer(weights, dtype) if isinstance(weights, bytes) else np.zeros(0)
        return {"bin_count": item.bin_count, "range": list(item.range), "data": NumericArray(numbers)}


def figure_text(data: Tree) -> str:
    """JSON that browsers can read: what is not finite is null. Text is JSON already."""
    return data if isinstance(data, str) else json.dumps(_finite(data), ensure_ascii=False, separators=(",", ":"))


def _finite(tree: Tree) -> Tree:
    if isinstance(tree, dict):
        return {key: _finite(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_finite(value) for value in tree]
    return None if isinstance(tree, float) and not math.isfinite(tree) else tree
