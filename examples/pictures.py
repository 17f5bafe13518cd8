"""Grey pictures as PNG files, by the standard library alone."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray


def png_of(pixels: NDArray[np.float64], scale: int) -> bytes:
    """pixels: shape (height, width), 0 is black and 1 white. Each becomes a square of `scale` by `scale`."""
    grey = np.kron(np.clip(pixels * 255, 0, 255).astype(np.uint8), np.ones((scale, scale), np.uint8))
    height, width = grey.shape
    rows = b"".join(b"\0" + row.tobytes() for row in grey)  # each with the filter that changes nothing
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
