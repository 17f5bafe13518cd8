"""The product is killed with SIGKILL at random moments while clients write: nothing acknowledged is lost or doubled.

What was never acknowledged may be there or not, but a request's events are there whole or not at all. `tox -e soak`
asks the same with fifty kills.
"""

from pathlib import Path

import pytest
from tests.faults.ordeal import ordeal, seed

_KILLS = 5


@pytest.mark.timeout(300)
def test_what_was_acknowledged_survives_five_kills(tmp_path: Path) -> None:
    verdict = ordeal(tmp_path, _KILLS, seed())
    print(verdict)  # noqa: T201 - for whoever looks
    assert verdict.findings == []
    assert verdict.views_equal, verdict.compared
