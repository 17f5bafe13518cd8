"""Vectors of a folder that `TALLYBOOK_EXTRA_VECTORS` names are compared like ours: what is wrong in them is found."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.vectors_support.cases import EXTRA, FOLDER

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 250


def _vector(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return content


def _write(folder: Path, files: Mapping[str, Any]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content), encoding="utf-8")


def _results(folder: Path, *arguments: str) -> dict[str, str]:
    """Outcome by parameters of the test, of tests about further vectors."""
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "-k", "extra", *arguments]
    run = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, EXTRA: str(folder)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    found = re.findall(r"^(PASSED|FAILED|ERROR) \S+\[(extra/[^\s\]]+)\]", run.stdout, re.MULTILINE)
    assert found, run.stdout + run.stderr
    return {parameters: outcome for outcome, parameters in found}


def test_streams_and_json_answers_are_compared(tmp_path: Path) -> None:
    wrong = _vector("run-search-limit")
    wrong["response"]["decoded"]["items"][0][1]["props"]["name"] = "another"
    addressed = _vector("run-search-limit")
    addressed["request"]["path"] += "?" + urlencode(addressed["request"].pop("query"))
    _write(
        tmp_path,
        {
            "good/one-page.json": _vector("run-search-limit"),
            "addressed.json": addressed,
            "nobody-404.json": _vector("run-info-404"),
            "wrong.json": wrong,
            "dataset.json": _vector("dataset"),
            "of-another-specification.json": {"sessions": []},
        },
    )
    assert _results(tmp_path, "tests/vectors/test_recorded_answers.py") == {
        f"extra/{name}-{prefix}": outcome
        for prefix in ("/api", "/api/v1/rest")
        for name, outcome in (
            ("addressed", "PASSED"),
            ("good/one-page", "PASSED"),
            ("nobody-404", "PASSED"),
            ("wrong", "FAILED"),
        )
    }


def test_what_the_contracts_decide_otherwise_is_accepted_and_nothing_else(tmp_path: Path) -> None:
    missing = _vector("images-step-exact")
    missing["request"]["query"]["record_step"] = "15"
    missing["quirks"].append({"id": "missing-step-gives-empty-sequence", "paths": ["**.values", "**.iters"]})
    for key, tree in (items := dict(missing["response"]["decoded"]["items"])).items():
        items[key] = {"values": [], "iters": [], "record_range_used": [15, 16]}.get(key, tree)
    missing["response"]["decoded"]["items"] = list(map(list, items.items()))
    unaligned = _vector("align-basic")
    unknown = {"name": "never logged", "context": {}, "slice": [0, 0, 50]}
    unaligned["request"]["body"]["runs"][0]["traces"].append(unknown)
    unaligned["quirks"].append({"id": "align-missing-left-out", "paths": ["items.*.1"]})
    restarted = _vector("run-search-limit")
    restarted["request"]["query"]["offset"] = "never there"
    shorter = _vector("run-search-limit")
    shorter["request"]["query"]["offset"] = "0a1b2c3d4e5f60718293a4b5"
    token = _vector("texts-blob-batch")
    token["request"]["path"], token["response"]["status"] = "/api/runs/images/get-batch", 500
    _write(
        tmp_path,
        {
            "missing-step.json": missing,
            "unaligned.json": unaligned,
            "restarted.json": restarted,
            "shorter.json": shorter,
            "token.json": token,
        },
    )
    assert _results(tmp_path, "tests/vectors/test_recorded_answers.py") == {
        f"extra/{name}-{prefix}": "FAILED" if name == "shorter" else "PASSED"
        for prefix in ("/api", "/api/v1/rest")
        for name in ("missing-step", "unaligned", "restarted", "shorter", "token")
    }


def test_steps_without_quirks_may_have_the_usual_ones_and_capture_by_name(tmp_path: Path) -> None:
    """The second sound of a batch stands elsewhere in our answer, which has more keys."""
    batch, search = _vector("audios-batch-all"), _vector("audios-search-all")
    sound = next(one for one in _logged("audios") if one["name"] == "pair")["records"][0][1]["data"]
    capture = {"sound": "items.10.1.0.1.blob_uri"}
    opened = [["${sound}", {"__bytes__": sound}]]
    body = {
        **batch,
        "request": {"method": "POST", "path": "/api/runs/audios/get-batch", "body": ["${sound}"]},
        "response": {**batch["response"], "decoded": {"kind": "stream", "items": opened}},
    }
    steps = [{**one, "quirks": []} for one in (search, {**batch, "capture": capture}, body)]
    _write(tmp_path, {"scenario-sounds.json": {"scenario": "sounds", "steps": steps}})
    assert _results(tmp_path, "tests/vectors/test_recorded_scenarios.py") == {
        f"extra/scenario-sounds-{prefix}": "PASSED" for prefix in ("/api", "/api/v1/rest")
    }


def _logged(kind: str) -> list[dict[str, Any]]:
    return [one for run in _vector("dataset")["runs"] for one in run["sequences"] if one["kind"] == kind]


def test_scenarios_are_played_each_on_a_copy_of_its_own(tmp_path: Path) -> None:
    """Both make the same tag: on one copy the second could not."""
    good, wrong = _vector("scenario-tags-edit"), _vector("scenario-tags-edit")
    wrong["steps"][1]["response"]["decoded"]["value"]["name"] = "another"
    _write(tmp_path, {"series/good.json": good, "wrong.json": wrong})
    assert _results(tmp_path, "tests/vectors/test_recorded_scenarios.py") == {
        f"extra/{name}-{prefix}": outcome
        for prefix in ("/api", "/api/v1/rest")
        for name, outcome in (("series/good", "PASSED"), ("wrong", "FAILED"))
    }


def test_queries_are_compared_over_our_data_or_their_own(tmp_path: Path) -> None:
    ours: dict[str, Any] = json.loads((FOLDER.parent / "query-language.json").read_text(encoding="utf-8"))
    case = {"kind": "run", "tz_offset": 0, "class": "core"}
    run = ours["dataset"]["runs"][0]
    own = {"dataset": {"runs": [run]}, "cases": [{**case, "id": "own", "q": "", "expect": {"hashes": [run["hash"]]}}]}
    wrong = {**case, "id": "wrong", "q": "run.name == 'nobody'", "expect": {"hashes": ["x"]}}
    _write(
        tmp_path, {"own.json": own, "more.json": {"cases": [wrong, {**wrong, "id": "good", "expect": {"hashes": []}}]}}
    )
    http = _results(tmp_path, "tests/vectors/test_recorded_queries.py")
    expected = {"extra/own:own": "PASSED", "extra/more:wrong": "FAILED", "extra/more:good": "PASSED"}
    prefixes = ("/api", "/api/v1/rest")
    assert http == {f"{name}-{prefix}": outcome for prefix in prefixes for name, outcome in expected.items()}
    interpreter = _results(
        tmp_path, "tests/unit/query_api/language/test_recorded_cases.py", "-k", "extra and recorded_one"
    )
    assert interpreter == expected


@pytest.mark.parametrize("files", [None, {"dataset.json": {"runs": []}}], ids=["no folder", "other data"])
def test_a_folder_that_cannot_be_compared_is_told(tmp_path: Path, files: dict[str, Any] | None) -> None:
    folder = tmp_path / "further"
    _write(folder, files or {})
    run = subprocess.run(
        [sys.executable, "-c", "from tests.vectors_support import names; names()"],
        cwd=ROOT,
        env={**os.environ, EXTRA: str(folder)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert run.returncode != 0
    assert EXTRA in run.stderr or "data set" in run.stderr
