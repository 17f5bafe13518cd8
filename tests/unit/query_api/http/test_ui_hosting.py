"""Pages and files of a UI: beside the API, never in place of it, and nothing outside of its folder."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tests.fakes import FakeBlobs, FakeColumns, FakeDocuments

from edge.app import create_app, served
from edge.settings import EdgeSettings
from query_api.bootstrap import build, find_ui, ui_routes
from query_api.http.ui import UiName, UserInterface, user_interface

AIM_PAGE = "<script>window.API_BASE_PATH='{{ base_path }}'</script><link href='{{ base_path }}/static-files/a.css'>"
MATYAN_PAGE = "{{ base_path }}|{{ api_base_path }}|{{ api_host_base }}|{{ api_auth_token }}"
SCRIPT = b"console.log('a long enough script')"
HTML = {"Accept": "text/html"}


def _folder(root: Path, page: str) -> Path:
    (root / "static" / "js").mkdir(parents=True)
    (root / "static" / "index-template.html").write_text(page)
    (root / "static" / "js" / "main.js").write_bytes(SCRIPT)
    (root / "static" / "js" / "main.js.gz").write_bytes(gzip.compress(SCRIPT))
    (root / "static" / "core.py").write_bytes(b"0123456789")
    (root / "secret.txt").write_text("secret")
    (root / "static-twin").mkdir()
    (root / "static-twin" / "secret.txt").write_text("secret")
    (root / "static" / "way-out").symlink_to(root / "secret.txt")
    return root / "static"


def _ui(name: UiName, base_path: str, root: Path, page: str) -> UserInterface:
    ui = user_interface(name, base_path, _folder(root, page))
    assert ui is not None
    return ui


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    aim = _ui("aim", "", tmp_path / "aim", AIM_PAGE)
    matyan = _ui("matyan", "/matyan", tmp_path / "matyan", MATYAN_PAGE)
    queries = build(FakeDocuments(), FakeColumns(), FakeBlobs(), reference_key=b"k")
    app = create_app(
        EdgeSettings(),
        title="test",
        version="test",
        rest=queries.rest,
        rest_only=queries.rest_only,
        root=[*queries.root, *ui_routes(aim), *ui_routes(matyan)],
        dependencies=queries.dependencies,
        checks=queries.checks,
        page=aim.page,
    )
    transport = httpx.ASGITransport(served(app))
    async with httpx.AsyncClient(transport=transport, base_url="https://tallybook.test:8443") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/runs", "/runs/abc/overview", "/experiments/1/", "/some.thing", "/metrics"])
async def test_paths_that_the_ui_routes_itself_are_its_page(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path, headers=HTML)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html; charset=utf-8")
    assert answer.text == AIM_PAGE.replace("{{ base_path }}", "")


@pytest.mark.parametrize("path", ["/matyan", "/matyan/", "/matyan/runs", "/matyan/runs/abc"])
async def test_a_ui_with_a_base_path_is_told_its_paths_and_its_origin(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path, headers=HTML)
    assert answer.text == "/matyan|/api/v1|https://tallybook.test:8443|"


@pytest.mark.parametrize("path", ["/api", "/api/nope", "/api/runs/x", "/api/v1/rest/nope/", "/api/v1/rest/runs/x/y/z"])
async def test_an_unknown_path_of_the_api_is_a_json_404(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path, headers=HTML)
    assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")


async def test_the_api_wins_over_the_page(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/projects", headers=HTML)).json()["name"] == "My project"
    assert (await client.get("/health/live")).json() == {"status": "ok"}
    assert "text/plain" in (await client.get("/metrics")).headers["content-type"]


@pytest.mark.parametrize("base", ["", "/matyan"])
@pytest.mark.parametrize("slash", ["", "/"])
async def test_files_are_sent_as_their_compressed_twin(client: httpx.AsyncClient, base: str, slash: str) -> None:
    answer = await client.get(f"{base}/static-files/js/main.js{slash}")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.content == SCRIPT


async def test_a_client_without_gzip_gets_the_file_itself(client: httpx.AsyncClient) -> None:
    answer = await client.get("/static-files/js/main.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert answer.content == SCRIPT
    assert answer.headers["content-length"] == str(len(SCRIPT))


@pytest.mark.parametrize(
    "path",
    [
        "nope.js",
        "js",
        "",
        "%2e%2e/secret.txt",
        "..%2fsecret.txt",
        "js/%2e%2e/%2e%2e/secret.txt",
        "js/..%2f..%2fsecret.txt",
        "%2fetc/passwd",
        "..%2fstatic-twin/secret.txt",
        "way-out",
        "a%00b",
        "a" * 5_000,
    ],
)
async def test_nothing_outside_the_folder_and_nothing_missing_is_sent(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"/static-files/{path}")
    assert answer.status_code == 404
    assert b"secret" not in answer.content


async def test_dots_that_stay_inside_are_followed(client: httpx.AsyncClient) -> None:
    assert (await client.get("/static-files/js/%2e%2e/core.py")).content == b"0123456789"


async def test_a_file_that_the_client_has_is_not_sent_again(client: httpx.AsyncClient) -> None:
    known = (await client.get("/static-files/core.py")).headers["etag"]
    for header in (known, f"W/{known}", f'"other", {known}', "*"):
        answer = await client.get("/static-files/core.py", headers={"If-None-Match": header})
        assert (answer.status_code, answer.content) == (304, b"")
    assert (await client.get("/static-files/core.py", headers={"If-None-Match": '"other"'})).status_code == 200


async def test_forms_of_a_file_have_validators_of_their_own(client: httpx.AsyncClient) -> None:
    compressed = await client.get("/static-files/js/main.js")
    plain = await client.get("/static-files/js/main.js", headers={"Accept-Encoding": "identity"})
    assert compressed.headers["etag"] != plain.headers["etag"]
    assert compressed.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        ("bytes=0-3", 206, b"0123"),
        ("bytes=4-", 206, b"456789"),
        ("bytes=-2", 206, b"89"),
        ("bytes=-99", 200, b"0123456789"),
        ("bytes=8-99", 206, b"89"),
        ("bytes=0-99", 200, b"0123456789"),
        ("bytes=10-", 416, b""),
        ("bytes=-0", 416, b""),
        ("bytes=3-1", 200, b"0123456789"),
        ("bytes=-", 200, b"0123456789"),
        ("bytes=0-1,3-4", 200, b"0123456789"),
        ("lines=1-2", 200, b"0123456789"),
        ("bytes=8-" + "9" * 5_000, 200, b"0123456789"),
        ("bytes=" + "9" * 5_000 + "-", 200, b"0123456789"),
    ],
)
async def test_one_range_is_sent_alone(client: httpx.AsyncClient, asked: str, status: int, content: bytes) -> None:
    answer = await client.get("/static-files/core.py", headers={"Range": asked})
    assert (answer.status_code, answer.content) == (status, content)
    assert answer.headers["content-length"] == str(len(content))
    if status == 206:
        assert answer.headers["content-range"].endswith("/10")
    if status == 416:
        assert answer.headers["content-range"] == "bytes */10"


async def test_a_range_of_another_version_is_the_whole_file(client: httpx.AsyncClient) -> None:
    headers = {"Range": "bytes=0-3", "If-Range": '"other"'}
    assert (await client.get("/static-files/core.py", headers=headers)).status_code == 200
    headers["If-Range"] = (await client.get("/static-files/core.py")).headers["etag"]
    assert (await client.get("/static-files/core.py", headers=headers)).content == b"0123"


async def test_pages_and_files_are_read_only(client: httpx.AsyncClient) -> None:
    for path in ("/runs", "/static-files/core.py"):
        assert (await client.post(path)).status_code == 405
        assert (await client.head(path)).content == b""


@pytest.mark.parametrize("host", ["a'</script>", "a b", "a\\", "[::1", "<b>"])
async def test_nothing_but_a_host_gets_into_a_page(client: httpx.AsyncClient, host: str) -> None:
    answer = await client.get("/matyan/", headers={"Host": host})
    assert answer.status_code == 400
    assert host.encode() not in answer.content


def test_a_ui_that_is_not_installed_is_none(tmp_path: Path) -> None:
    assert user_interface("aim", "", tmp_path) is None


def test_the_aim_ui_is_found_without_being_imported() -> None:
    ui = find_ui("aim", "/ui")
    assert ui is not None
    assert "{{" not in ui.page().decode()
    assert "/ui/static-files/" in ui.page().decode()


@pytest.mark.parametrize("base_path", ["/", "ui", "/ui/", "/a//b", "/<script>"])
def test_a_base_path_that_is_none_is_refused(tmp_path: Path, base_path: str) -> None:
    with pytest.raises(ValueError, match="base path"):
        user_interface("aim", base_path, _folder(tmp_path, AIM_PAGE))
