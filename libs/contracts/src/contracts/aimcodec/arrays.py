"""Numeric arrays: metric columns and histogram weights as an object of four members."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from contracts.aimcodec.errors import CorruptRecords, UnsupportedValue

_BYTES_PER_NUMBER: Final = 8


class NumericArray:
    """Doubles that travel as `{type, shape, dtype, blob}`. Cheap to make: a float64 array is not copied."""

    __slots__ = ("values",)

    values: NDArray[np.float64]
    """Little-endian, contiguous, shape (n,)."""

    def __init__(self, values: ArrayLike) -> None:
        """values: shape (n,), of any numeric type or bool; converted to float64. A None among objects becomes NaN.

        Raises UnsupportedValue for another shape.
        """
        array = np.asarray(values, dtype="<f8")
        if array.ndim != 1:
            raise UnsupportedValue(f"a numeric array has one dimension, not {array.ndim}")
        self.values = np.ascontiguousarray(array)

    def __len__(self) -> int:
        return len(self.values)

    def __eq__(self, other: object) -> bool:
        """Equal to the bit, so NaN equals itself."""
        return isinstance(other, NumericArray) and self.values.tobytes() == other.values.tobytes()

    def __hash__(self) -> int:
        return hash(self.values.tobytes())

    def __repr__(self) -> str:
        return f"NumericArray({self.values!r})"

    def members(self) -> dict[str, str | int | bytes]:
        """The object as it is sent."""
        return {"type": "numpy", "shape": len(self.values), "dtype": "float64", "blob": self.values.tobytes()}


def is_numeric_array(node: object) -> bool:
    """Whether a decoded object is a numeric array."""
    return isinstance(node, Mapping) and node.get("type") == "numpy" and isinstance(node.get("blob"), bytes)


def read_numeric_array(node: Mapping[str, Any]) -> NDArray[np.float64]:
    """Doubles of a decoded object, shape (n,), read-only.

    Raises CorruptRecords when it is no numeric array or its blob does not have the length its shape says.
    """
    if not is_numeric_array(node) or node.get("dtype") != "float64":
        raise CorruptRecords("not a numeric array of doubles")
    blob = node["blob"]
    if len(blob) != node.get("shape", -1) * _BYTES_PER_NUMBER:
        raise CorruptRecords(f"a numeric array of shape {node.get('shape')} has a blob of {len(blob)} bytes")
    return np.frombuffer(blob, dtype="<f8")
