"""What an answer of logs holds at once."""

from typing import Any

import pytest
from tests.unit.query_api.world import World

from contracts import tables
from contracts.aimcodec.reader import items
from contracts.events.logs import LogRecord
from contracts.keys import blob_key
from contracts.read_models.logs import pack_line, pack_record
from contracts.trees import StoredValue, set_aside
from query_api.streaming.log_streams import log_line_frames, log_record_frames

MEBIBYTE = 1 << 20
ROWS = 12


async def _large(world: World) -> list[StoredValue]:
    claims = []
    for number in range(ROWS):
        claim, data = set_aside(f"{number}" + " " * (3 * MEBIBYTE))
        await world.blobs.put(blob_key("r", claim.hash), data)
        claims.append(claim)
    return claims


class _Held:
    """Bytes that were read from the blob store since the last frame."""

    def __init__(self, world: World) -> None:
        self._get = world.blobs.get
        self.bytes = 0
        world.blobs.get = self  # type: ignore[method-assign]  # counts what is read between two frames

    async def __call__(self, key: str, start: int = 0, stop: int | None = None) -> bytes:
        data = await self._get(key, start, stop)
        self.bytes += len(data)
        return data


@pytest.mark.parametrize("kind", ["lines", "records"])
async def test_large_values_are_read_a_few_at_a_time(kind: str) -> None:
    world = await World.make()
    await world.run("r", lines_end=ROWS, records_end=ROWS)
    claims = await _large(world)
    lines = {number: pack_line(claim) for number, claim in enumerate(claims)}
    records = {number: pack_record(LogRecord("m", 20, 1.0, {"a": claim})) for number, claim in enumerate(claims)}
    await world.log(tables.LOG_LINES, "r", lines)
    await world.log(tables.LOG_RECORDS, "r", records)
    held, reads = _Held(world), world.reads()
    run = await reads.runs.get("r")
    body = b""
    async for frame in log_line_frames(reads, run, None) if kind == "lines" else log_record_frames(reads, run, None):
        assert held.bytes <= 9 * MEBIBYTE
        held.bytes = 0
        body += frame
    found = {key: value for key, value in items(body) if key != "log_records_count"}
    texts = found if kind == "lines" else {key: value["args"]["a"] for key, value in found.items()}
    assert {key: text.strip() for key, text in texts.items()} == {number: str(number) for number in range(ROWS)}


async def test_long_lines_are_read_in_few_rows() -> None:
    world = await World.make()
    rows = 700
    await world.run("r", lines_end=rows)
    await world.log(tables.LOG_LINES, "r", {number: pack_line(f"{number:0100000}") for number in range(rows)})
    reads = world.reads()
    read_log, read = reads.columns.read_log, list[int]()

    async def noted(*args: Any, **more: Any) -> Any:
        part = await read_log(*args, **more)
        read.append(len(part.payloads))
        return part

    reads.columns.read_log = noted  # type: ignore[method-assign]  # notes how much one read gives
    run = await reads.runs.get("r")
    body = b"".join([frame async for frame in log_line_frames(reads, run, (None, None))])
    assert [text.lstrip("0") or "0" for _, text in items(body)] == list(map(str, range(rows)))
    assert read == [250, 83, 83, 83, 83, 83, 35]
