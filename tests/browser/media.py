"""Small pictures, sounds and figures that can be told apart by eye."""

import colorsys
import io
import json
import math
import struct
import wave
import zlib

SIDE = 48  # pixels

_RATE = 8_000  # samples a second
_SECONDS = 0.5


def picture(step: int, index: int) -> bytes:
    """A PNG of SIDE by SIDE. The colour goes round with the step, the white square stands further right by index."""
    colour = bytes(round(255 * part) for part in colorsys.hsv_to_rgb(step / 12 % 1, 0.8, 0.9))
    left = 4 + 14 * index % (SIDE - 14)
    rows = bytearray()
    for y in range(SIDE):
        rows.append(0)  # this row is not filtered
        for x in range(SIDE):
            rows += b"\xff\xff\xff" if left <= x < left + 10 and 16 <= y < 32 else colour
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(bytes(rows))), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def tone(hertz: float) -> bytes:
    """Half a second of it, as WAV."""
    samples = (round(12_000 * math.sin(2 * math.pi * hertz * n / _RATE)) for n in range(round(_RATE * _SECONDS)))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_RATE)
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return file.getvalue()


def curve(title: str, bend: float) -> str:
    """A Plotly figure as JSON text: x to the power of `bend`."""
    x = [n / 20 for n in range(21)]
    trace = {"type": "scatter", "mode": "lines+markers", "name": title, "x": x, "y": [value**bend for value in x]}
    layout = {"title": {"text": title}, "xaxis": {"title": {"text": "false positives"}}}
    return json.dumps({"data": [trace], "layout": layout})
