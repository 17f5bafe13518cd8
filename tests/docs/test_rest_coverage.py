"""`docs/rest-coverage.md` says what the tests of the REST contract's rows say."""

import json
import subprocess
import sys

import pytest
from tests.rest import coverage

from contracts.routes import ROUTES

_PRINT = "import json; from tests.rest.coverage import shown; print(json.dumps(shown()))"


@pytest.fixture(scope="module")
def shown() -> coverage.Shown:
    """Collected in a process of its own: pytest has no second session in one."""
    done = subprocess.run(
        [sys.executable, "-c", _PRINT], cwd=coverage.ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout)
    return {int(row): tests for row, tests in found.items()}


def test_every_row_is_shown(shown: coverage.Shown) -> None:
    rows = [route.row for route in ROUTES if route.row is not None]
    assert rows == list(range(1, 89))
    assert [row for row in rows if not shown.get(row)] == []


def test_no_test_names_a_row_that_is_none(shown: coverage.Shown) -> None:
    assert set(shown) <= {route.row for route in ROUTES}


def test_the_document_is_as_generated(shown: coverage.Shown) -> None:
    assert coverage.PATH.read_text() == coverage.text(shown), coverage.HOW
