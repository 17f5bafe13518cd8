"""The example of the checkout, by each of its clients, against the embedded product: what it logs is read back."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.clients.matyan.playing import client_python
from tests.e2e.product import Product, product_on, running
from tests.servers.java import REPOSITORY

from contracts.aimcodec.reader import items

EPOCHS = 2
RUNS = 2
LONGEST_SECONDS = 240.0
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    folder = Path(tempfile.mkdtemp(prefix="tb-"))
    with running(product_on(folder / "data")) as product:
        yield product
    shutil.rmtree(folder)


@pytest.fixture(params=["native", "matyan"], scope="module")
def runs(request: pytest.FixtureRequest, product: Product) -> list[dict[str, Any]]:
    """What the run search tells of the runs that the example wrote by this client, each with its id."""
    before = set(found_runs(product))
    environment = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    if request.param == "matyan":
        environment["PYTHONPATH"] = str(packages_of_clients())
    words = ["--url", product.url, "--runs", str(RUNS), "--processes", "1", "--epochs", str(EPOCHS)]
    ended = subprocess.run(
        [sys.executable, "examples/train_digits.py", "--client", request.param, *words],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert f"{RUNS} runs in" in ended.stdout
    assert "epoch 0" not in ended.stdout, "lines of runs are no lines of this terminal"
    written = {run_id: tree for run_id, tree in found_runs(product).items() if run_id not in before}
    assert len(written) == RUNS
    return [{"id": run_id, **tree} for run_id, tree in written.items()]


def packages_of_clients() -> Path:
    """Of the environment that `./tallybook test` makes; it has the interpreter of this one."""
    python = client_python()
    if not python.exists():
        reason = f"there is no {python}; `./tallybook test` makes it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    return Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())


def rest(product: Product, row: str, /, **query: Any) -> httpx.Response:
    answer = httpx.get(f"{product.url}/api/v1/rest{row}", params=query, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer


def found_runs(product: Product) -> dict[str, Any]:
    found = items(rest(product, "/runs/search/run/", q="", report_progress="false").content)
    return {str(run_id): tree for run_id, tree in found}


def objects(product: Product, kind: str, run_id: str, name: str) -> list[dict[str, Any]]:
    """The objects of one series, in the order of their steps."""
    query = f'run.hash == "{run_id}" and {kind}.name == "{name}"'
    answer = rest(product, f"/runs/search/{kind}/", q=query, report_progress="false", record_density=50)
    ((_, tree),) = items(answer.content)
    (trace,) = tree["traces"]
    assert trace["context"] == {"subset": "val"}
    return [step[0] if isinstance(step, list) else step for step in trace["values"]]


def info(product: Product, run: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = rest(product, f"/runs/{run['id']}/info/").json()
    return found


def test_each_run_says_what_was_trained_and_ended(runs: list[dict[str, Any]], product: Product) -> None:
    for run in runs:
        found = info(product, run)
        props, params = found["props"], found["params"]
        assert props["experiment"]["name"] == "handwritten digits"
        assert (props["active"], params["epochs"], params["data"]["name"]) == (False, EPOCHS, "digits")
        assert params["model"]["family"] in {tag["name"] for tag in props["tags"]}
        assert 0 < params["best"]["val_accuracy"] <= 1
        series = {(trace["name"], trace["context"].get("subset")) for trace in found["traces"]["metric"]}
        assert series >= {(name, subset) for name in ("loss", "accuracy") for subset in ("train", "val")}
        assert ("seconds", None) in series


def test_mistakes_are_pictures_that_can_be_looked_at_and_texts(runs: list[dict[str, Any]], product: Product) -> None:
    for run in runs:
        pictures = objects(product, "images", run["id"], "mistakes")
        references = [picture["blob_uri"] for picture in pictures]
        answer = httpx.post(f"{product.url}/api/v1/rest/runs/images/get-batch/", json=references, timeout=60)
        fetched = dict(items(answer.content))
        assert set(fetched) == set(references)
        assert all(bytes(data).startswith(PNG) for data in fetched.values())
        texts = [text["data"] for text in objects(product, "texts", run["id"], "mistakes in words")]
        assert [picture["caption"] for picture in pictures] == texts
        assert all("taken for a" in text for text in texts)
        assert 0 < len(texts) <= 12


def test_weights_and_confusion_are_shown(runs: list[dict[str, Any]], product: Product) -> None:
    for run in runs:
        spread = objects(product, "distributions", run["id"], "weights")
        assert len(spread) == EPOCHS
        assert all(one["bin_count"] == 32 for one in spread)
        figure = objects(product, "figures", run["id"], "confusion")[0]["data"]
        shown = json.loads(figure) if isinstance(figure, str) else figure
        counts = shown["data"][0]["z"]
        assert sum(map(sum, counts)) == 360, "a fifth of all images"


def test_files_are_downloaded_and_agree_with_the_figure(runs: list[dict[str, Any]], product: Product) -> None:
    for run in runs:
        assert {file["path"] for file in info(product, run)["artifacts"]} == {"answers/val.csv", "confusion.json"}
        address = f"/runs/{run['id']}/artifacts/download/"
        counts = rest(product, address, path="confusion.json").json()
        rows = list(csv.DictReader(io.StringIO(rest(product, address, path="answers/val.csv").text)))
        right = sum(row["digit"] == row["answer"] for row in rows)
        assert right == sum(counts[digit][digit] for digit in range(10))


def test_what_the_run_wrote_on_its_terminal_is_there(runs: list[dict[str, Any]], product: Product) -> None:
    for run in runs:
        lines = dict(items(rest(product, f"/runs/{run['id']}/logs/").content))
        told = [line for line in lines.values() if str(line).startswith("epoch")]
        assert [line.split(":")[0] for line in told] == [f"epoch {epoch}" for epoch in range(EPOCHS)]
