"""Rows 15 and 16: artifacts as files, in ranges, and as one archive."""

import io
import zipfile

import pytest
from tests.unit.query_api.world import World

DATA = bytes(range(256)) * 20
DOWNLOAD = "/api/v1/rest/runs/r/artifacts/download"


async def _world() -> World:
    world = await World.make()
    await world.run("r")
    await world.artifact("r", 'ckpt/grün "1".bin', DATA, content_type="application/x-model")
    await world.artifact("r", "empty", b"", content_type="text/html\r\nX-Evil: 1")
    await world.artifact("r", "seq/gen/0.png", b"image")
    await world.artifact("r", "elsewhere", None, uri="s3://bucket/elsewhere")
    await world.artifact("r", "not-yet", None)
    return world


async def test_row_15_gives_the_bytes_with_their_type_and_name() -> None:
    async with (await _world()).client() as client:
        answer = await client.get(DOWNLOAD, params={"path": 'ckpt/grün "1".bin'})
    assert (answer.status_code, answer.content) == (200, DATA)
    assert answer.headers["content-type"] == "application/x-model"
    assert answer.headers["content-length"] == str(len(DATA))
    assert answer.headers["content-disposition"] == (
        'attachment; filename="gr_n \\"1\\".bin"; filename*=UTF-8\'\'gr%C3%BCn%20%221%22.bin'
    )


@pytest.mark.parametrize(
    ("asked", "status", "start", "stop"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=5100-", 206, 5100, 5120),
        ("bytes=-20", 206, 5100, 5120),
        ("bytes=5000-99999", 206, 5000, 5120),
        ("bytes=1-2,4-5", 200, 0, 5120),
        ("bytes=5120-", 416, 0, 0),
    ],
)
async def test_row_15_answers_single_ranges(asked: str, status: int, start: int, stop: int) -> None:
    async with (await _world()).client() as client:
        answer = await client.get(DOWNLOAD, params={"path": 'ckpt/grün "1".bin'}, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (status, DATA[start:stop])
    shown = {206: f"bytes {start}-{stop - 1}/5120", 416: "bytes */5120"}.get(status)
    assert answer.headers.get("content-range") == shown


async def test_row_15_names_versions() -> None:
    world = await _world()
    async with world.client() as client:
        asked = {"path": 'ckpt/grün "1".bin'}
        etag = (await client.get(DOWNLOAD, params=asked)).headers["etag"]
        again = await client.get(DOWNLOAD, params=asked, headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
        await world.artifact("r", asked["path"], DATA[::-1])
        newer = await client.get(DOWNLOAD, params=asked, headers={"If-Range": etag, "Range": "bytes=0-9"})
    assert (newer.status_code, newer.content) == (200, DATA[::-1])


async def test_row_15_sends_no_type_that_is_none_and_empty_files() -> None:
    async with (await _world()).client() as client:
        answer = await client.get(DOWNLOAD, params={"path": "empty"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "x-evil" not in answer.headers


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("page.html", "text/html"),
        ("page.svg", "image/svg+xml"),
        ("worker.js", "text/javascript; charset=utf-8"),
        ("odd", "text/html\r\nSet-Cookie: a=b"),
        ("none", None),
    ],
)
async def test_row_15_sends_nothing_that_runs_in_our_name(name: str, content_type: str | None) -> None:
    world = await _world()
    await world.artifact("r", name, b"<script>alert(1)</script>", content_type=content_type)
    async with world.client() as client:
        whole = await client.get(DOWNLOAD, params={"path": name})
        part = await client.get(DOWNLOAD, params={"path": name}, headers={"Range": "bytes=0-3"})
        known = await client.get(DOWNLOAD, params={"path": name}, headers={"If-None-Match": whole.headers["etag"]})
        behind = await client.get(DOWNLOAD, params={"path": name}, headers={"Range": "bytes=99-"})
        archive = await client.get(f"{DOWNLOAD}-all")
    assert [one.status_code for one in (whole, part, known, behind, archive)] == [200, 206, 304, 416, 200]
    for answer in (whole, part, known, behind, archive):
        assert answer.headers["content-disposition"].startswith("attachment; filename=")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a b.txt", 'attachment; filename="a b.txt"'),
        ('"q".txt', 'attachment; filename="\\"q\\".txt"'),
        ("back\\slash", 'attachment; filename="back\\\\slash"'),
        ("a\r\nX-Evil: 1", "attachment; filename=\"a__X-Evil: 1\"; filename*=UTF-8''a%0D%0AX-Evil%3A%201"),
        ("\u2028;日本", "attachment; filename=\"_;__\"; filename*=UTF-8''%E2%80%A8%3B%E6%97%A5%E6%9C%AC"),
        ("\x7f", "attachment; filename=\"_\"; filename*=UTF-8''%7F"),
        ("%41.txt", 'attachment; filename="%41.txt"'),
    ],
)
async def test_row_15_names_files_whatever_they_are_called(name: str, header: str) -> None:
    world = await _world()
    await world.artifact("r", f"deep/{name}", DATA)
    async with world.client() as client:
        answer = await client.get(DOWNLOAD, params={"path": f"deep/{name}"})
    assert (answer.status_code, answer.content) == (200, DATA)
    assert answer.headers["content-disposition"] == header
    assert "x-evil" not in answer.headers


@pytest.mark.parametrize(
    ("if_none_match", "status"), [("*", 304), ('"other", {}', 304), ("W/{}", 304), ('"other"', 200), ("", 200)]
)
async def test_row_15_sends_no_bytes_that_the_client_has(if_none_match: str, status: int) -> None:
    async with (await _world()).client() as client:
        asked = {"path": 'ckpt/grün "1".bin'}
        etag = (await client.get(DOWNLOAD, params=asked)).headers["etag"]
        answer = await client.get(DOWNLOAD, params=asked, headers={"If-None-Match": if_none_match.format(etag)})
    assert (answer.status_code, answer.content) == (status, DATA if status == 200 else b"")
    assert answer.headers["etag"] == etag


async def test_row_15_gives_a_range_of_the_version_that_the_client_began_with() -> None:
    async with (await _world()).client() as client:
        asked = {"path": 'ckpt/grün "1".bin'}
        etag = (await client.get(DOWNLOAD, params=asked)).headers["etag"]
        same = await client.get(DOWNLOAD, params=asked, headers={"Range": "bytes=7-9", "If-Range": etag})
        # Neither a weak validator nor a date says for sure that the bytes are the same.
        others = [
            await client.get(DOWNLOAD, params=asked, headers={"Range": "bytes=7-9", "If-Range": value})
            for value in (f"W/{etag}", "Wed, 25 Nov 2026 16:00:00 GMT")
        ]
    assert (same.status_code, same.content) == (206, DATA[7:10])
    assert [(one.status_code, one.content) for one in others] == [(200, DATA)] * 2


@pytest.mark.parametrize("path", ["ckpt", "elsewhere", "not-yet", ""])
async def test_row_15_is_404_without_bytes(path: str) -> None:
    async with (await _world()).client() as client:
        answer = await client.get(DOWNLOAD, params={"path": path})
    assert (answer.status_code, answer.json()["message"]) == (404, "Artifact not found.")


async def test_row_15_needs_a_path_and_a_run() -> None:
    async with (await _world()).client() as client:
        assert (await client.get(DOWNLOAD)).status_code == 422
        unknown = await client.get(DOWNLOAD.replace("/r/", "/s/"), params={"path": "empty"})
    assert (unknown.status_code, unknown.json()["message"]) == (404, "Run not found.")


async def test_row_16_is_an_archive_of_all_listed_artifacts_that_are_here() -> None:
    async with (await _world()).client() as client:
        answer = await client.get(f"{DOWNLOAD}-all/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="r-artifacts.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "ckpt/grün \"1\".bin": DATA, "empty": b"",
        }  # fmt: skip
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


async def test_row_16_is_404_without_a_run_or_artifacts() -> None:
    world = await World.make()
    await world.run("bare")
    async with world.client() as client:
        bare = await client.get("/api/runs/bare/artifacts/download-all")
        unknown = await client.get("/api/runs/unknown/artifacts/download-all")
    assert (bare.status_code, bare.json()["message"]) == (404, "The run has no artifacts.")
    assert (unknown.status_code, unknown.json()["message"]) == (404, "Run not found.")
