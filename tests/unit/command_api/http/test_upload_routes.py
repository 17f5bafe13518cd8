from typing import Any

import pytest
from tests.unit.command_api.http.service import Service

PATHS = (
    "/api/v1/rest/artifacts/presign",
    "/api/v1/rest/artifacts/presign/",
    "//api/v1/rest/artifacts/presign",
    "//api/v1/rest/artifacts/presign/",
)
WANTED = {"run_id": "run-1", "artifact_path": "dir x/ü.txt", "content_type": "text/plain"}


@pytest.mark.parametrize("path", PATHS)
async def test_presign_answers_under_every_form_of_its_path(service: Service, path: str) -> None:
    answer = await service.client.post(f"http://tallybook.test{path}", json=WANTED)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["s3_key"] == body["blob_key"] == "run-1/dir x/ü.txt"
    assert body["headers"] is None
    assert body["upload_url"].startswith("http://tallybook.test/api/v1/uploads/")


async def test_presign_is_no_route_of_the_aim_ui(service: Service) -> None:
    assert (await service.client.post("/api/artifacts/presign", json=WANTED)).status_code in {404, 405}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"run_id": "run-1"},
        {"artifact_path": "f"},
        {"run_id": "run-1", "artifact_path": "../f"},
        {"run_id": "run-1", "artifact_path": None},
        {"run_id": 1, "artifact_path": "f"},
        {"run_id": "a/b", "artifact_path": "f"},
        [],
    ],
)
async def test_bad_bodies_are_422(service: Service, body: Any) -> None:
    answer = await service.client.post(PATHS[0], json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "validation_error"


async def test_the_bytes_are_put_to_the_address(service: Service) -> None:
    url = (await service.client.post(PATHS[0], json=WANTED)).json()["upload_url"]
    put = await service.client.put(url, content=b"bytes", headers={"Content-Type": "text/plain"})
    assert (put.status_code, put.content) == (204, b"")
    assert list(service.blobs.stored.values()) == [b"bytes"]


async def test_a_large_upload_is_taken_and_a_too_large_one_refused(service: Service) -> None:
    url = (await service.client.post(PATHS[0], json=WANTED)).json()["upload_url"]
    assert (await service.client.put(url, content=bytes(65 << 20))).status_code == 204
    assert (await service.client.put(url, content=b"", headers={"Content-Length": "99999999"})).status_code == 413
    assert [len(data) for data in service.blobs.stored.values()] == [65 << 20]


async def test_a_forged_address_is_403(service: Service) -> None:
    url = (await service.client.post(PATHS[0], json=WANTED)).json()["upload_url"]
    answer = await service.client.put(f"{url}A", content=b"x")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    assert (await service.client.put("/api/v1/uploads/nothing", content=b"x")).status_code == 403
    assert service.blobs.stored == {}
