"""Rows 82 to 88: the version, uploads, health, metrics, and the pages of a user interface."""

import gzip
import json
from typing import Any

import pytest
from tests.rest.asking import Rest, fresh, invalid, refused
from tests.rest.conftest import PAGE, SCRIPT

pytestmark = pytest.mark.asyncio(loop_scope="session")

HTML = {"Accept": "text/html,application/xhtml+xml"}
PLAIN = "text/plain; version=0.0.4; charset=utf-8"
INDEX = PAGE.replace("{{ base_path }}", "")


@pytest.mark.row(82)
async def test_the_version_names_the_component(ours: Rest) -> None:
    answer = await ours.read("/version")
    assert answer["component"] == "backend"
    assert all(part.isalnum() for part in answer["version"].split("."))


@pytest.mark.row(83)
async def test_an_upload_is_announced_taken_and_read_back(ours: Rest) -> None:
    run = await ours.run()
    permit = await ours.made("/artifacts/presign", {"run_id": run, "artifact_path": "deep/a..b.bin"})
    assert permit["s3_key"] == permit["blob_key"] == f"{run}/deep/a..b.bin"
    assert permit["headers"] is None or isinstance(permit["headers"], dict)
    stored = await ours.product.client.put(permit["upload_url"], content=b"bytes", headers=permit["headers"])
    assert stored.is_success
    await ours.log(run, {"type": "blob_ref", "s3_key": permit["s3_key"], "artifact_path": "deep/a..b.bin"})
    answer = await ours.get(f"/runs/{run}/artifacts/download", params={"path": "deep/a..b.bin"})
    assert answer.content == b"bytes"


@pytest.mark.row(83)
@pytest.mark.parametrize("path", ["a/../b", "../b", "./b", "a//b", "/a", "a\nb", ""])
async def test_an_upload_stays_below_its_run(ours: Rest, path: str) -> None:
    invalid(await ours.post("/artifacts/presign", {"run_id": fresh("run"), "artifact_path": path}))


@pytest.mark.row(83)
async def test_an_upload_names_a_run_and_a_path(ours: Rest) -> None:
    for body in (b"{}", b'{"run_id": "r"}', b'{"artifact_path": "a"}', b'{"run_id": 1, "artifact_path": "a"}', b"["):
        invalid(await ours.post("/artifacts/presign", body))


@pytest.mark.row(83)
async def test_an_upload_without_a_permit_is_refused(root: Rest) -> None:
    answer = await root.ask("PUT", "/api/v1/uploads/none", b"bytes")
    refused(answer, 403, answer.json()["message"])


@pytest.mark.row(84)
async def test_it_is_alive(root: Rest) -> None:
    assert await root.read("/health/live") == {"status": "ok"}


@pytest.mark.row(85)
async def test_it_is_ready_and_names_what_it_depends_on(root: Rest) -> None:
    answer = await root.read("/health/ready")
    assert answer["status"] == "ok"
    assert set(answer["checks"].values()) == {"ok"}
    assert set(answer["checks"]) >= {"views", "documents", "columns", "blobs"}


@pytest.mark.row(86)
async def test_metrics_are_text_with_templated_paths(root: Rest) -> None:
    run = await root.run()
    await root.product.client.get(f"/api/v1/rest/runs/{run}/info")
    for headers in ({}, {"Accept": "*/*"}, {"Accept": "text/plain"}):
        answer = await root.get("/metrics", headers=headers)
        assert (answer.status_code, answer.headers["Vary"]) == (200, "Accept")
        assert answer.headers["Content-Type"] == PLAIN
        assert "/runs/{run_id}/info" in answer.text
        assert run not in answer.text


@pytest.mark.row(86)
async def test_metrics_are_the_explorers_page_for_browsers(root: Rest) -> None:
    answer = await root.product.client.get(f"/metrics{root.slash}", headers=HTML)
    assert (answer.status_code, answer.text) == (200, INDEX)
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.headers["Vary"] == "Accept"


async def _page(rest: Rest, path: str, **headers: str) -> Any:
    return await rest.product.client.get(path + rest.slash, headers=headers)


@pytest.mark.row(87)
async def test_files_of_a_user_interface(root: Rest) -> None:
    packed = await _page(root, "/static-files/main.js", **{"Accept-Encoding": "gzip"})
    assert (packed.status_code, packed.content) == (200, SCRIPT)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Type"].startswith("text/javascript")
    assert int(packed.headers["Content-Length"]) == len(gzip.compress(SCRIPT))
    plain = await _page(root, "/static-files/main.js", **{"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    known = {"Accept-Encoding": "identity", "If-None-Match": plain.headers["ETag"]}
    assert (await _page(root, "/static-files/main.js", **known)).status_code == 304


@pytest.mark.row(87)
@pytest.mark.parametrize("name", ["none.js", "../index-template.html", "..%2f..%2fevents.sqlite", "%2e%2e/secret.js"])
async def test_files_outside_of_the_folder_are_not_there(root: Rest, name: str) -> None:
    answer = await _page(root, f"/static-files/{name}")
    assert answer.status_code == 404 or answer.text == INDEX
    assert "SQLite" not in answer.text


@pytest.mark.row(88)
@pytest.mark.parametrize("path", ["", "/runs", "/runs/a/b", "/experiments/none", "/apis"])
async def test_every_other_path_is_the_page(root: Rest, path: str) -> None:
    answer = await _page(root, path, **HTML)
    assert (answer.status_code, answer.text) == (200, INDEX)
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.row(88)
@pytest.mark.parametrize("path", ["/api/none", "/api/v1/rest/none", "/api/runs/none/none", "/health/none"])
async def test_an_unknown_path_of_the_api_is_no_page(root: Rest, path: str) -> None:
    answer = await _page(root, path, **HTML)
    refused(answer, 404, "Not Found")
    assert json.loads(answer.text)["error"]["code"] == "not_found"
