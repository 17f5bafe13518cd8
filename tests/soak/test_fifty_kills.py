"""The same ordeal as in tests/faults, for as long as fifty kills take: some minutes."""

from pathlib import Path

import pytest
from tests.faults.ordeal import ordeal, seed

_KILLS = 50


def test_what_was_acknowledged_survives_fifty_kills(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    number = seed()
    with capsys.disabled():
        print(f"\nTALLYBOOK_TEST_SEED={number}")  # noqa: T201 - to repeat it
    verdict = ordeal(tmp_path, _KILLS, number)
    with capsys.disabled():
        print(verdict)  # noqa: T201 - the figures that this test is asked for
    assert verdict.findings == []
    assert verdict.views_equal, verdict.compared
