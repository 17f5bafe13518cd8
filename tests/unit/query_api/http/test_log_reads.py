"""Rows 12, 17 and 18: one note, terminal lines, log records."""

import pytest
from tests.unit.query_api.world import World

from contracts import tables
from contracts.aimcodec.reader import items
from contracts.events.logs import LogRecord
from contracts.keys import blob_key
from contracts.read_models.logs import pack_line, pack_record
from contracts.trees import set_aside

LOGS = "/api/runs/r/logs"
LINES = 4_500


async def _world() -> World:
    world = await World.make()
    await world.run("r", lines_end=LINES, records_end=3)
    await world.log(tables.LOG_LINES, "r", {number: pack_line(f"line {number}") for number in range(LINES)})
    records = [LogRecord("plain", 20, 1.5), LogRecord("own level", 15, 2.5, {"a": [1]}), LogRecord("bad", 40, 3.5)]
    await world.log(tables.LOG_RECORDS, "r", {number: pack_record(one) for number, one in enumerate(records)})
    return world


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("", range(LINES - 200, LINES)),
        (" ", range(LINES - 200, LINES)),
        (":", range(LINES)),
        ("10:20", range(10, 20)),
        ("4490", range(4490, LINES)),
        (":3", range(3)),
        ("20:10", range(0)),
        ("9999:", range(0)),
    ],
)
async def test_row_17_gives_lines_of_a_range_or_the_last_200(asked: str, numbers: range) -> None:
    async with (await _world()).client() as client:
        answer = await client.get(LOGS, params={"record_range": asked})
    assert list(items(answer.content)) == [(number, f"line {number}") for number in numbers]


async def test_row_17_puts_large_lines_in_their_place() -> None:
    world = await _world()
    claim, data = set_aside("long line")
    await world.blobs.put(blob_key("r", claim.hash), data)
    await world.log(tables.LOG_LINES, "r", {5: pack_line(claim)})
    async with world.client() as client:
        answer = await client.get(LOGS, params={"record_range": "4:6"})
    assert list(items(answer.content)) == [(4, "line 4"), (5, "long line")]


async def test_row_18_begins_with_the_count_and_names_levels() -> None:
    async with (await _world()).client() as client:
        answer = await client.get("/api/runs/r/log-records", params={"record_range": "1:"})
    shown = {"is_notified": True}
    assert list(items(answer.content)) == [
        ("log_records_count", 3),
        (1, {"message": "own level", "log_level": "INFO", "timestamp": 2.5, "args": {"a": [1]}, **shown}),
        (2, {"message": "bad", "log_level": "ERROR", "timestamp": 3.5, "args": None, **shown}),
    ]


@pytest.mark.parametrize("path", ["logs", "log-records"])
async def test_rows_17_and_18_refuse_unknown_runs_and_bad_ranges(path: str) -> None:
    async with (await _world()).client() as client:
        unknown = await client.get(f"/api/runs/s/{path}")
        bad = await client.get(f"/api/runs/r/{path}", params={"record_range": "a:b"})
    assert (unknown.status_code, unknown.json()["message"]) == (404, "Run not found.")
    assert (bad.status_code, bad.json()["message"]) == (400, "Invalid range format")


async def test_row_12_is_404_for_the_note_of_another_run() -> None:
    world = await _world()
    await world.run("other")
    await world.note("other", "n", "not yours", at=1.0)
    async with world.client() as client:
        theirs = await client.get("/api/runs/other/note/n")
        answer = await client.get("/api/runs/r/note/n")
    assert theirs.json() == {"id": "n", "content": "not yours", "updated_at": "1970-01-01T00:00:01.000000Z"}
    assert (answer.status_code, answer.json()["message"]) == (404, "Note with id n is not found in this run.")
