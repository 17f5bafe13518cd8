"""Schemathesis against the product as users start it: requests made from the OpenAPI file, answers checked with it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from tests.e2e.product import Product
from tests.rest.lenient_checks import configuration

PHASES = "examples,coverage,fuzzing"


@dataclass(frozen=True)
class Outcome:
    """code: 0 if every check held. text: for people."""

    code: int
    text: str
    report: dict[str, Any]

    @property
    def operations(self) -> int:
        tested: int = self.report["operations"]["tested"]
        return tested

    @property
    def cases(self) -> int:
        cases: int = self.report["test_cases"]["generated"]
        return cases


def filled(product: Product) -> str:
    """The run of the file's examples is there, with what they name; the token of its position."""
    schema = httpx.get(f"{product.url}/schema").json()
    ingestion = schema["paths"]["/api/v1/ingest/runs/{run_id}"]["post"]
    messages = ingestion["requestBody"]["content"]["application/json"]["example"]
    answer = httpx.post(f"{product.url}/api/v1/ingest/runs/my-run", json=messages)
    assert answer.json()["rejected"] == []
    position: str = answer.json()["position"]
    return position


def ask(product: Product, folder: Path, *, examples: int, seconds: int | None = None, seed: int = 1) -> Outcome:
    """folder: for what schemathesis leaves behind."""
    settings, report = folder / "schemathesis.toml", folder / "report.json"
    settings.write_text(configuration(filled(product), examples=examples, seconds=seconds))
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run", f"{product.url}/schema",
        "--phases", PHASES, "--seed", str(seed), "--no-color", "--report", "json", "--report-json-path", str(report),
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "NO_COLOR": "1"}, capture_output=True, text=True, check=False
    )
    assert report.is_file(), done.stdout + done.stderr
    return Outcome(done.returncode, done.stdout, json.loads(report.read_text()))
