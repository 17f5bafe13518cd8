"""What was logged for the recorded answers."""

import json
import math
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.vectors_support.cases import FOLDER

ContextText = str


@dataclass(frozen=True)
class Point:
    """epoch: None when none was given. time: UTC seconds."""

    value: float
    epoch: int | None
    time: float


Series = dict[int, Point]
"""Points by step; a step logged again has replaced the earlier point."""


@cache
def dataset() -> dict[str, Any]:
    """The file as it is; treat it as read-only."""
    content: dict[str, Any] = json.loads((FOLDER / "dataset.json").read_text(encoding="utf-8"))
    return content


@cache
def logged_metrics() -> dict[tuple[str, str, ContextText], Series]:
    """Every metric by run id, name and `context_text` of its context."""
    return {
        (run["hash"], sequence["name"], context_text(sequence["context"])): _series(sequence)
        for run in dataset()["runs"]
        for sequence in run["sequences"]
        if sequence["kind"] == "metric"
    }


def plain(noted: Any) -> Any:
    """The value behind the notation of the data set."""
    if isinstance(noted, list):
        return [plain(value) for value in noted]
    if not isinstance(noted, dict):
        return noted
    if "__float__" in noted:
        return float(noted["__float__"])
    if "__int_keys__" in noted:
        return {int(key): plain(value) for key, value in noted["__int_keys__"].items()}
    return {key: plain(value) for key, value in noted.items()}


def context_text(context: Any) -> ContextText:
    """One text for equal contexts."""
    return json.dumps(context, sort_keys=True)


def _series(sequence: dict[str, Any]) -> Series:
    columns = zip(sequence["values"], sequence["epochs"], sequence["times"], strict=True)
    points = [Point(_number(value), epoch, time) for value, epoch, time in columns]
    return dict(zip(sequence["steps"], points, strict=True))


def _number(noted: Any) -> float:
    return float(noted["__float__"]) if isinstance(noted, dict) else noted


def same_number(one: float | None, other: float | None) -> bool:
    """Equal, or both NaN; None (nothing logged, or not finite in JSON) equals NaN."""
    one, other = (math.nan if number is None else number for number in (one, other))
    return one == other or (math.isnan(one) and math.isnan(other))
