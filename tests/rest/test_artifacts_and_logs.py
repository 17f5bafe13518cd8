"""Rows 15 to 18: files and terminals of a run."""

import io
import zipfile
from typing import Any

import pytest
from tests.rest.asking import Rest, fresh, invalid, refused, streamed

pytestmark = pytest.mark.asyncio(loop_scope="session")

DATA = bytes(range(256)) * 40


@pytest.mark.row(15)
async def test_an_artifact_comes_with_its_type_name_and_version(rest: Rest) -> None:
    run = await rest.run()
    await rest.upload(run, "ckpt/grün.bin", DATA, "application/x-model")
    wanted = {"params": {"path": "ckpt/grün.bin"}}
    answer = await rest.get(f"/runs/{run}/artifacts/download", **wanted)
    assert (answer.status_code, answer.content) == (200, DATA)
    assert answer.headers["Content-Type"] == "application/x-model"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="')
    assert "filename*=UTF-8''gr%C3%BCn.bin" in answer.headers["Content-Disposition"]
    known = {"If-None-Match": answer.headers["ETag"]}
    assert (await rest.get(f"/runs/{run}/artifacts/download", headers=known, **wanted)).status_code == 304


@pytest.mark.row(15)
@pytest.mark.parametrize(
    ("asked", "status", "found"),
    [("bytes=0-9", 206, DATA[:10]), ("bytes=-5", 206, DATA[-5:]), (f"bytes={len(DATA)}-", 416, b"")],
)
async def test_an_artifact_is_sent_in_a_range(rest: Rest, asked: str, status: int, found: bytes) -> None:
    run = await rest.run()
    await rest.upload(run, "a", DATA)
    answer = await rest.get(f"/runs/{run}/artifacts/download", params={"path": "a"}, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (status, found)


@pytest.mark.row(15)
async def test_no_artifact(rest: Rest) -> None:
    run = await rest.run({"type": "artifact", "path": "elsewhere", "uri": "s3://bucket/elsewhere"})
    for path in ("none", "elsewhere", "../a"):
        answer = await rest.get(f"/runs/{run}/artifacts/download", params={"path": path})
        refused(answer, 404, answer.json()["message"])
    refused(await rest.get(f"/runs/{fresh('none')}/artifacts/download", params={"path": "a"}), 404, "Run not found.")
    invalid(await rest.get(f"/runs/{run}/artifacts/download"), "path")


@pytest.mark.row(16)
async def test_all_artifacts_come_as_one_archive(rest: Rest) -> None:
    run = await rest.run()
    await rest.upload(run, "a.bin", DATA)
    await rest.upload(run, "deep/er/b.txt", b"text")
    answer = await rest.get(f"/runs/{run}/artifacts/download-all")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zip")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{run}-artifacts.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert {one.filename: archive.read(one) for one in archive.infolist()} == {
            "a.bin": DATA,
            "deep/er/b.txt": b"text",
        }
        assert {one.compress_type for one in archive.infolist()} == {zipfile.ZIP_STORED}


@pytest.mark.row(16)
async def test_no_artifacts_are_no_archive(rest: Rest) -> None:
    answer = await rest.get(f"/runs/{await rest.run()}/artifacts/download-all")
    refused(answer, 404, answer.json()["message"])
    refused(await rest.get(f"/runs/{fresh('none')}/artifacts/download-all"), 404, "Run not found.")


@pytest.mark.row(17)
@pytest.mark.parametrize(
    ("asked", "lines"),
    [("", range(50, 250)), ("3:5", range(3, 5)), ("248:", range(248, 250)), (":2", range(2)), ("9:3", range(0))],
)
async def test_lines_of_a_terminal(rest: Rest, asked: str, lines: range) -> None:
    run = await rest.run(*({"type": "log_terminal_line", "line": f"line {n}", "step": n} for n in range(250)))
    found = streamed(await rest.get(f"/runs/{run}/logs", params={"record_range": asked}))
    assert list(found.items()) == [(number, f"line {number}") for number in lines]


def _record(number: int) -> dict[str, Any]:
    level = [10, 20, 30, 40, 50, 17][number % 6]
    return {"type": "log_record", "message": f"m{number}", "level": level, "timestamp": float(number)}


@pytest.mark.row(18)
@pytest.mark.parametrize(
    ("asked", "records"), [("", range(10, 210)), ("0:6", range(6)), ("209:", range(209, 210)), (":1", range(1))]
)
async def test_records_of_loggers(rest: Rest, asked: str, records: range) -> None:
    run = await rest.run(*map(_record, range(210)))
    found = streamed(await rest.get(f"/runs/{run}/log-records", params={"record_range": asked}))
    assert next(iter(found.items())) == ("log_records_count", 210)
    del found["log_records_count"]
    names = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "INFO"]
    assert [(key, one["message"], one["log_level"], one["timestamp"]) for key, one in found.items()] == [
        (number, f"m{number}", names[number % 6], float(number)) for number in records
    ]


@pytest.mark.parametrize(
    ("path", "empty"),
    [
        pytest.param("logs", {}, marks=pytest.mark.row(17)),
        pytest.param("log-records", {"log_records_count": 0}, marks=pytest.mark.row(18)),
    ],
)
async def test_nothing_logged_no_run_and_no_range(rest: Rest, path: str, empty: dict[str, int]) -> None:
    run = await rest.run()
    assert streamed(await rest.get(f"/runs/{run}/{path}")) == empty
    refused(await rest.get(f"/runs/{fresh('none')}/{path}"), 404, "Run not found.")
    for asked in ("a:b", "-1:", "1.5:"):
        answer = await rest.get(f"/runs/{run}/{path}", params={"record_range": asked})
        refused(answer, 400, "Invalid range format")
