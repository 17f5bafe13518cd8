"""`docs/rest-coverage.md`: each row of the REST contract with the tests that show it.

`python -m tests.rest.coverage` writes it. A test shows the rows that its marks name: `@pytest.mark.row(54)`.
"""

import io
import json
from collections import defaultdict
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from contracts.routes import REST_PREFIX, ROUTES, Route

ROOT = Path(__file__).parents[2]
PATH = ROOT / "docs" / "rest-coverage.md"
HOW = "`python -m tests.rest.coverage` writes it"
FOLDER = "tests/rest"

_HEAD = f"""\
# The REST contract, row by row

Made from the routing table (`libs/contracts/src/contracts/routes.py`), the OpenAPI file (`docs/openapi.json`) and the
tests of `{FOLDER}`; {HOW}. Each test asks the embedded product over HTTP under the prefixes that the
row has, and holds every answer against the OpenAPI file. What holds for all rows alike (both forms of a path, HEAD,
other methods, foreign origins, sizes) is in `{FOLDER}/test_every_route.py`.
"""

Shown = Mapping[int, list[str]]
"""Names of tests by row."""


class _Collector:
    """Takes note of the marks while pytest collects."""

    def __init__(self) -> None:
        self.shown: dict[int, list[str]] = defaultdict(list)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            function = f"{item.path.name}::{getattr(item, 'originalname', item.name)}"
            for mark in item.iter_markers("row"):
                if function not in self.shown[mark.args[0]]:
                    self.shown[mark.args[0]].append(function)


def shown() -> Shown:
    """What the tests say, in a process that imports them all."""
    collector = _Collector()
    with redirect_stdout(io.StringIO()) as told, redirect_stderr(told):
        code = pytest.main(["--collect-only", "-q", "-p", "no:randomly", str(ROOT / FOLDER)], plugins=[collector])
    assert code == pytest.ExitCode.OK, told.getvalue()
    return collector.shown


def text(found: Shown) -> str:
    rows = [route for route in ROUTES if route.row is not None]
    names = _operations()
    lines = [_line(route, names.get(_key(route)), found.get(route.row or 0, [])) for route in rows]
    covered = sum(1 for route in rows if found.get(route.row or 0))
    return "\n".join(
        [
            _HEAD,
            f"**{covered} of {len(rows)} rows are shown by tests.**",
            "",
            "| row | method | path | side | operation | tests |",
            "|---|---|---|---|---|---|",
            *lines,
            "",
        ]
    )


def _line(route: Route, operation: str | None, tests: list[str]) -> str:
    listed = "<br>".join(f"`{test}`" for test in sorted(tests)) or "none"
    side = {"each": "each service", "ui": "pages"}.get(route.side, route.side)
    return f"| {route.row} | {route.method} | `{route.path}` | {side} | {operation or '–'} | {listed} |"


def _operations() -> dict[tuple[str, str], str]:
    """Operation ids by method and path; names of parameters do not matter."""
    file = json.loads((ROOT / "docs" / "openapi.json").read_text())
    return {
        (method.upper(), _shape(path)): operation["operationId"]
        for path, item in file["paths"].items()
        for method, operation in item.items()
    }


def _key(route: Route) -> tuple[str, str]:
    return route.method, _shape((REST_PREFIX if route.prefixes else "") + route.path)


def _shape(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


if __name__ == "__main__":
    PATH.write_text(text(shown()))
