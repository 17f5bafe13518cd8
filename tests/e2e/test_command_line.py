"""The words of the command line, against a running server and without one."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.e2e.command_line import tallybook
from tests.e2e.product import Product

MESSAGES = [
    {"type": "create_run"},
    {"type": "add_tag", "tag_name": "first"},
    {"type": "log_metric", "name": "loss", "value": 0.5, "step": 1},
]


@pytest.fixture
def filled(product: Product) -> Product:
    """With one run, that the views hold."""
    base = product.url
    assert httpx.post(f"{base}/api/v1/ingest/runs/a-run", json=MESSAGES).status_code == httpx.codes.OK
    # Answered when the tagging is in the views, and the rest came before it.
    answer = httpx.post(f"{base}/api/v1/rest/runs/a-run/tags/new/", json={"tag_name": "second"})
    for _ in range(100):
        if answer.status_code == httpx.codes.OK:
            break
        answer = httpx.post(f"{base}/api/v1/rest/runs/a-run/tags/new/", json={"tag_name": "second"})
    assert answer.status_code == httpx.codes.OK
    assert "x-tallybook-visible" not in answer.headers
    return product


def report(product: Product, *words: str) -> Any:
    answer = tallybook(*words, "--data", product.data, "--json")
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def test_version() -> None:
    answer = tallybook("--version")
    assert answer.returncode == 0
    assert version("tallybook") in answer.stdout


def test_every_word_is_explained() -> None:
    answer = tallybook("--help")
    assert answer.returncode == 0
    assert all(word in answer.stdout for word in ("up", "demo", "runs", "views", "log", "test"))


def test_views_status_says_what_the_views_hold(filled: Product) -> None:
    found = report(filled, "views", "status")
    assert found["version"] == 1
    assert found["lag"] == 0
    assert found["counts"]["runs"] == 1
    assert found["counts"]["points"] == 1
    assert found["counts"]["tags"] == 2


@pytest.mark.parametrize("words", [("views", "status"), ("log", "status")])
def test_a_word_answers_the_same_without_a_server(filled: Product, words: tuple[str, str]) -> None:
    of_server = report(filled, *words)
    filled.process.stop()
    of_folder = report(filled, *words)
    # The write-ahead file is gone.
    assert {**of_folder, "size": 0} == {**of_server, "size": 0}


@pytest.mark.parametrize("words", [("views", "status"), ("log", "status")])
def test_people_get_a_table(filled: Product, words: tuple[str, str]) -> None:
    answer = tallybook(*words, "--data", filled.data)
    assert answer.returncode == 0
    assert "tallybook.runs" in answer.stdout


@pytest.mark.parametrize("words", [("views", "status"), ("views", "rebuild"), ("log", "status")])
def test_no_word_makes_a_folder_that_is_not_there(folder: Path, words: tuple[str, str]) -> None:
    answer = tallybook(*words, "--data", folder / "nothing")
    assert answer.returncode == 2
    assert answer.stderr == f"tallybook: there is no data folder at {folder / 'nothing'}; name it with --data\n"
    assert list(folder.iterdir()) == []


def test_rebuild_beside_a_running_server_is_refused(filled: Product) -> None:
    answer = tallybook("views", "rebuild", "--data", filled.data)
    assert answer.returncode == 2
    assert "needs the server stopped" in answer.stderr
    assert report(filled, "views", "status")["version"] == 1


def test_older_versions_are_shown_and_dropped_beside_a_running_server_or_without_one(filled: Product) -> None:
    filled.process.stop()
    for _ in range(2):
        rebuilt = tallybook("views", "rebuild", "--data", filled.data)
        assert rebuilt.returncode == 0, rebuilt.stderr
    assert report(filled, "views", "status")["left_over"] == [1, 2]
    filled.process.start()
    assert "version 1, version 2 can be dropped" in tallybook("views", "status", "--data", filled.data).stdout
    assert report(filled, "views", "drop") == {"versions": [1, 2]}
    found = report(filled, "views", "status")
    assert (found["version"], found["left_over"], found["counts"]["runs"]) == (3, [], 1)
    filled.process.stop()
    assert tallybook("views", "drop", "--data", filled.data).stdout == "removed: nothing\n"


def test_the_environment_names_the_folder(filled: Product) -> None:
    answer = tallybook("log", "status", "--json", environment={"TALLYBOOK_DATA": str(filled.data)})
    assert json.loads(answer.stdout)["records"] == report(filled, "log", "status")["records"]


def test_demo_fills_the_running_server(product: Product) -> None:
    answer = tallybook("demo", "--data", product.data, "--runs", "3", "--epochs", "2")
    assert answer.returncode == 0, answer.stderr
    assert f"{product.url}/runs" in answer.stdout
    assert report(product, "views", "status")["counts"]["runs"] == 3


def test_demo_brings_its_own_server_if_there_is_none(stopped_product: Product) -> None:
    ports = ["--port", str(stopped_product.port), "--ingest-port", str(stopped_product.ingest_port)]
    answer = tallybook("demo", "--data", stopped_product.data, *ports, "--runs", "2", "--epochs", "2", "--leave")
    assert answer.returncode == 0, answer.stderr
    assert report(stopped_product, "views", "status")["counts"]["points"] == 2 * 2 * 5
