"""Runs that were deleted: taken back, purged, and what is left of them on the disk."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from tests.e2e.command_line import tallybook
from tests.e2e.product import Product, product_on, running
from tests.servers.java import REPOSITORY

REST = "/api/v1/rest"
LARGE = "a value that lies in the blob store " * 10_000
PATIENCE_SECONDS = 60.0
NEVER_AGAIN = {"TALLYBOOK_BLOB_PAUSE_SECONDS": "86400"}
OFTEN = {"TALLYBOOK_BLOB_PAUSE_SECONDS": "0.2", "TALLYBOOK_BLOB_SETTLE_SECONDS": "1"}


def wait_until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def fill(product: Product, run_id: str, word: str) -> None:
    """A run with rows of every kind, a large value and an upload."""
    permit = httpx.post(
        f"{product.url}{REST}/artifacts/presign",
        json={"run_id": run_id, "artifact_path": "model.bin", "content_type": "application/octet-stream"},
    ).json()
    assert httpx.put(permit["upload_url"], content=word.encode()).is_success
    messages = [
        {"type": "create_run"},
        {"type": "log_hparams", "value": {"large": f"{word} {LARGE}"}},
        {"type": "log_metric", "name": "loss", "value": 0.5, "step": 1},
        {"type": "log_custom_object", "name": "said", "value": {"data": word}, "dtype": "text", "step": 0},
        {"type": "log_terminal_line", "line": word, "step": 0},
        {"type": "log_record", "message": word, "level": 20},
        {"type": "blob_ref", "artifact_path": "model.bin", "s3_key": permit["s3_key"]},
    ]
    assert httpx.post(f"{product.url}/api/v1/ingest/runs/{run_id}", json=messages).status_code == 200
    wait_until(lambda: downloaded(product, run_id) == word, f"{run_id} is not shown")


def downloaded(product: Product, run_id: str) -> str | None:
    answer = httpx.get(f"{product.url}{REST}/runs/{run_id}/artifacts/download/", params={"path": "model.bin"})
    return answer.text if answer.status_code == 200 else None


def large_value(product: Product, run_id: str) -> str | None:
    answer = httpx.get(f"{product.url}{REST}/runs/{run_id}/info/")
    return str(answer.json()["params"]["large"]) if answer.status_code == 200 else None


def delete(product: Product, run_id: str) -> None:
    assert httpx.delete(f"{product.url}{REST}/runs/{run_id}/").status_code == 200


def words(product: Product, *words: str) -> "subprocess.CompletedProcess[str]":
    return tallybook("runs", *words, "--data", product.data)


def blobs(product: Product, run_id: str) -> list[Path]:
    found = (product.data / "blobs").glob(f"*/{run_id}/**/*")
    return [path for path in found if path.is_file()]


def assert_views_follow_from_the_log(product: Product) -> None:
    """A rebuild, with the purged rows in one batch with their purge, gives the same."""
    compared = subprocess.run(
        [sys.executable, "-m", "tests.faults.compare_views", product.data],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert compared.returncode == 0, compared.stdout + compared.stderr


@pytest.fixture
def quick(folder: Path) -> Product:
    """Looks for purged blobs all the time. Not started yet."""
    return product_on(folder / "data", OFTEN)


def test_a_deleted_run_is_taken_back_whole(quick: Product) -> None:
    with running(quick):
        fill(quick, "back", "first")
        delete(quick, "back")
        assert large_value(quick, "back") is None
        assert "back" in words(quick, "trash").stdout
        assert words(quick, "undelete", "back").returncode == 0
        assert large_value(quick, "back") == f"first {LARGE}"
        assert downloaded(quick, "back") == "first"
        again = words(quick, "undelete", "back")
        assert (again.returncode, again.stderr) == (1, "tallybook: run is not deleted\n")
    assert_views_follow_from_the_log(quick)


def test_a_purge_leaves_nothing_on_the_disk_and_nothing_to_take_back(quick: Product) -> None:
    with running(quick):
        fill(quick, "gone", "first")
        fill(quick, "stays", "second")
        not_deleted = words(quick, "purge", "gone", "--yes")
        assert (not_deleted.returncode, not_deleted.stderr) == (1, "tallybook: The run is not in the trash.\n")
        assert len(blobs(quick, "gone")) == 2
        delete(quick, "gone")
        assert words(quick, "purge", "gone", "--yes").returncode == 0
        wait_until(lambda: not blobs(quick, "gone"), "blobs of the purged run are still there")
        assert words(quick, "undelete", "gone").stderr == "tallybook: run was purged\n"
        assert "gone" not in words(quick, "trash").stdout
        assert large_value(quick, "stays") == f"second {LARGE}"
        assert downloaded(quick, "stays") == "second"
    assert_views_follow_from_the_log(quick)


def test_a_purge_never_touches_the_run_that_has_the_id_now(quick: Product) -> None:
    with running(quick):
        fill(quick, "again", "first")
        delete(quick, "again")
        assert httpx.post(f"{quick.url}{REST}/runs/again/clear-tombstone/").status_code == 204
        fill(quick, "again", "second")
        refused = words(quick, "undelete", "again")
        assert (refused.returncode, refused.stderr) == (1, "tallybook: run is not deleted\n")
        assert words(quick, "purge", "again", "--yes").returncode == 0
        # The upload has one place for both, and the second one is there now.
        wait_until(lambda: len(blobs(quick, "again")) == 2, "the first one's value is still there")
        assert large_value(quick, "again") == f"second {LARGE}"
        assert downloaded(quick, "again") == "second"
    assert_views_follow_from_the_log(quick)


def test_blobs_go_after_a_restart_if_the_server_was_killed_behind_the_purge(folder: Path) -> None:
    product = product_on(folder / "data", NEVER_AGAIN)
    with running(product):
        fill(product, "gone", "first")
        delete(product, "gone")
        assert words(product, "purge", "gone", "--yes").returncode == 0
        assert len(blobs(product, "gone")) == 2
        product.process.kill()
    restarted = product_on(product.data)
    with running(restarted):
        wait_until(lambda: not blobs(restarted, "gone"), "blobs of the purged run are still there")


def test_without_a_server_the_words_work_on_the_folder(quick: Product) -> None:
    with running(quick):
        fill(quick, "one", "first")
        fill(quick, "two", "second")
        delete(quick, "one")
        delete(quick, "two")
    listed = words(quick, "trash")
    assert (listed.returncode, "one" in listed.stdout, "two" in listed.stdout) == (0, True, True), listed.stderr
    assert words(quick, "undelete", "one").returncode == 0
    assert words(quick, "purge", "two", "--yes").returncode == 0
    refused = words(quick, "purge", "two", "--yes")
    assert (refused.returncode, refused.stderr) == (1, "tallybook: The run is not in the trash.\n")
    assert words(quick, "purge", "two").returncode == 1, "it asks, and nobody answers"
    with running(quick):
        assert large_value(quick, "one") == f"first {LARGE}"
        wait_until(lambda: not blobs(quick, "two"), "blobs of the purged run are still there")


def test_no_port_offers_what_operators_do(quick: Product) -> None:
    with running(quick):
        for path in ("/runs/x/purge", "/runs/x/undelete", f"{REST}/runs/x/purge", f"{REST}/runs/x/undelete"):
            assert httpx.post(f"{quick.url}{path}").status_code in {404, 405}
