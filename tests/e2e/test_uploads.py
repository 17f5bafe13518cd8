"""Bytes beside the messages: names that are odd or want out, addresses that were made up or have expired."""

import io
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.e2e.product import Product, running, settle

from contracts.aimcodec.reader import items

RUN = "run-1"
ODD = (
    "a b",
    "ü/日本.bin",
    "a\\b",
    "C:x",
    "a..b",
    "...",
    "..hidden/x",
    "%2e%2e/x",
    "~",
    "-rf",
    "con",
    "seq",
    "a'\"`$(x);|&<>*?[]{}#",
    "x" * 300,
    "deep/" * 600 + "file",
    "x?versionId=1.txt",
)
ESCAPES = ("../x", "a/../../x", "/etc/passwd", "..", ".", "a//b", "a/./b", "a/", "", "a\x00b", "a\nb", "x" * 4_097)


@pytest.fixture
def rest(product: Product) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{product.ingest_url}/api/v1/rest", trust_env=False) as client:
        yield client


def presigned(rest: httpx.Client, path: str, run_id: str = RUN) -> httpx.Response:
    return rest.post("/artifacts/presign", json={"run_id": run_id, "artifact_path": path})


def announce(rest: httpx.Client, path: str, key: str | None = None) -> httpx.Response:
    message = {"type": "blob_ref", "s3_key": f"{RUN}/{path}" if key is None else key, "artifact_path": path}
    return rest.post(f"{rest.base_url.copy_with(path='/api/v1/ingest/runs/' + RUN)}", json=message)


def files_in(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def test_odd_names_come_back_as_they_are(product: Product, rest: httpx.Client) -> None:
    """They stay in the folder of blobs, none in the way of another one."""
    outside = files_in(product.data.parent) - files_in(product.data)
    for number, path in enumerate(ODD):
        url = presigned(rest, path).raise_for_status().json()["upload_url"]
        httpx.put(url, content=f"content {number}".encode()).raise_for_status()
        announce(rest, path).raise_for_status()
    settle(product, RUN)
    contents = {path: f"content {number}".encode() for number, path in enumerate(ODD)}
    listed = rest.get(f"/runs/{RUN}/info/").json()["artifacts"]
    assert sorted(each["path"] for each in listed) == sorted(ODD)
    for path, content in contents.items():
        answer = rest.get(f"/runs/{RUN}/artifacts/download/", params={"path": path})
        assert (answer.status_code, answer.content) == (200, content), path
    archive = zipfile.ZipFile(io.BytesIO(rest.get(f"/runs/{RUN}/artifacts/download-all/").content))
    assert {name: archive.read(name) for name in archive.namelist()} == contents
    assert files_in(product.data.parent) - files_in(product.data) == outside


def test_names_that_leave_the_run_are_refused_wherever_they_come_in(product: Product, rest: httpx.Client) -> None:
    announce(rest, "fine").raise_for_status()
    settle(product, RUN)
    for path in ESCAPES:
        assert presigned(rest, path).status_code == 422, path
        assert announce(rest, path).status_code == 422, path
        assert announce(rest, "fine", key=f"{RUN}/{path}").status_code == 422, path
        assert rest.get(f"/runs/{RUN}/artifacts/download/", params={"path": path}).status_code == 404, path
    for run_id in ("..", "a/b", "", f"{RUN}/../other"):
        assert presigned(rest, "x", run_id).status_code == 422, run_id
    assert [each["path"] for each in rest.get(f"/runs/{RUN}/info/").json()["artifacts"]] == ["fine"]
    assert files_in(product.data / "blobs") == set()


def test_an_image_is_shown_although_its_announcement_was_lost(product: Product, rest: httpx.Client) -> None:
    path = "seq/img/0.png"
    url = presigned(rest, path).raise_for_status().json()["upload_url"]
    httpx.put(url, content=b"bytes").raise_for_status()
    value = {"type": "image", "format": "PNG", "caption": "", "width": 1, "height": 1, "s3_key": f"{RUN}/{path}"}
    message = {"type": "log_custom_object", "name": "img", "step": 0, "dtype": "image", "value": value}
    rest.post(f"{product.ingest_url}/api/v1/ingest/runs/{RUN}", json=[message]).raise_for_status()
    settle(product, RUN)
    batch = rest.post(f"/runs/{RUN}/images/get-batch/", json=[{"name": "img", "context": {}}])
    ((found,),) = next(tree for key, tree in items(batch.content) if key == "values")
    opened = rest.post("/runs/images/get-batch/", json=[found["blob_uri"]])
    assert list(items(opened.content)) == [(found["blob_uri"], b"bytes")]


def test_an_address_that_was_made_up_takes_nothing(product: Product, rest: httpx.Client) -> None:
    url = presigned(rest, "mine").json()["upload_url"]
    other = presigned(rest, "other").json()["upload_url"]
    base, token = url.rsplit("/", 1)
    said, signature = token.split(".")
    elsewhere = other.rsplit("/", 1)[1].split(".")[0]
    for forged in ("x", said, f"{said}.", f"{elsewhere}.{signature}", f"{said}.{signature[::-1]}", f"{token}A"):
        answer = httpx.put(f"{base}/{forged}", content=b"evil")
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden"), forged
    assert files_in(product.data / "blobs") == set()
    assert httpx.put(url, content=b"mine").status_code == 204


def test_an_address_that_has_expired_takes_nothing_more(stopped_product: Product) -> None:
    stopped_product.process.environment = {"TALLYBOOK_UPLOAD_SECONDS": "1"}
    with running(stopped_product) as product, httpx.Client(base_url=f"{product.url}/api/v1/rest") as rest:
        url = presigned(rest, "late").json()["upload_url"]
        time.sleep(1.1)
        assert httpx.put(url, content=b"late").status_code == 403
        assert files_in(product.data / "blobs") == set()
