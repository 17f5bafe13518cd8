"""Messages as matyan-client writes them."""

import json
from collections.abc import Sequence
from typing import Any

from tests.tracked_points import columns_of

from contracts.events import MetricsTracked, PointsTracked

AT = "2026-01-01T00:00:00.250000+00:00"


def create(run_id: str = "run-1", *, resume: bool = False) -> dict[str, Any]:
    return {"type": "create_run", "run_id": run_id, "client_datetime": AT, "force_resume": resume}


def metric(step: int, value: float = 0.5, name: str = "loss") -> dict[str, Any]:
    return {
        "type": "log_metric",
        "run_id": "run-1",
        "name": name,
        "value": value,
        "step": step,
        "epoch": None,
        "context": None,
        "dtype": "float",
        "client_datetime": AT,
    }


def frame(*messages: Any) -> str:
    """One message is an object, several are an array: as the client does."""
    return json.dumps(messages[0] if len(messages) == 1 else list(messages))


def steps_of(event: object) -> list[int]:
    assert isinstance(event, MetricsTracked | PointsTracked)
    return [int(step) for step in columns_of(event).steps]


def statuses(answers: Sequence[str]) -> list[str]:
    return [json.loads(text)["status"] for text in answers]
