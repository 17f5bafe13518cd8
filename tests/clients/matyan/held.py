"""A run in a form that can be compared: what the product answers about it, without ids and signed references.

Series, steps, lines and records are lists, so that one that is answered twice is seen.
"""

import json
import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.clients.matyan.reading import OBJECTS, Shown

Series = tuple[str, str]
"""Name, and context as JSON with sorted keys."""
Point = tuple[int, str, int | None, float]
"""Step, value as text (because NaN equals nothing), epoch, seconds UTC."""
ObjectAtStep = tuple[int, int | None, float, Any]
"""Step, epoch, seconds UTC, and what was logged there; an image or a sound with its bytes."""

Row = TypeVar("Row")


@dataclass
class Held:
    """props: without tags, and with the experiment's name for all of it. last_values: of each kind, as JSON says them.
    points: as streams say them, all of each series. batches: the same as plain JSON says them. objects: of each kind.
    lines, records: pairs of number and content; the number of records among them. artifacts: path and name of each.
    files, archive: bytes by path.
    """

    params: dict[str, Any]
    props: dict[str, Any]
    tags: list[str]
    last_values: dict[str, list[tuple[Series, Any]]]
    points: list[tuple[Series, list[Point]]]
    batches: list[tuple[Series, list[tuple[int, float | None]]]]
    objects: dict[str, list[tuple[Series, list[ObjectAtStep]]]]
    lines: list[tuple[int | str, Any]]
    records: list[tuple[int | str, Any]]
    artifacts: list[tuple[str, str]]
    files: dict[str, bytes]
    archive: dict[str, bytes]


def series_of(named: Mapping[str, Any]) -> Series:
    return named["name"], json.dumps(named["context"] or {}, sort_keys=True)


def held_by(shown: Shown) -> Held:
    info = shown["info"]
    props = dict(info["props"])
    tags = sorted(tag["name"] for tag in props.pop("tags"))
    return Held(
        params=info["params"],
        props={**props, "experiment": props["experiment"]["name"]},
        tags=tags,
        last_values={
            kind: sorted((series_of(each), each["last_value"]) for each in traces)
            for kind, traces in info["traces"].items()
        },
        points=_by_series(shown["metric"], _points),
        batches=_by_series(shown["metrics"], lambda each: list(zip(each["iters"], each["values"], strict=True))),
        objects={kind: _by_series(shown[kind], _objects) for kind in OBJECTS},
        lines=shown["lines"],
        records=shown["records"],
        artifacts=sorted((artifact["path"], artifact["name"]) for artifact in info["artifacts"]),
        files=shown["files"],
        archive=shown["archive"],
    )


def _by_series(
    traces: list[dict[str, Any]], rows_of: Callable[[dict[str, Any]], list[Row]]
) -> list[tuple[Series, list[Row]]]:
    return [(series_of(each), rows_of(each)) for each in sorted(traces, key=series_of)]


def _points(trace: dict[str, Any]) -> list[Point]:
    columns = [_floats(trace[name]) for name in ("iters", "values", "epochs", "timestamps")]
    return [
        (int(step), repr(value), None if math.isnan(epoch) else int(epoch), at)
        for step, value, epoch, at in zip(*columns, strict=True)
    ]


def _objects(trace: dict[str, Any]) -> list[ObjectAtStep]:
    values = map(_object, trace["values"])
    return list(zip(trace["iters"], trace["epochs"], trace["timestamps"], values, strict=True))


def _object(value: Any) -> Any:
    """As the client sends it: weights of a distribution as numbers, a figure as an object."""
    if isinstance(value, dict) and isinstance(value["data"], dict):
        return {**value, "data": _floats(value["data"])}
    if isinstance(value, dict):
        return {**value, "data": json.loads(value["data"])}
    return value


def _floats(array: dict[str, Any]) -> list[float]:
    """Of an array of a binary stream."""
    assert (array["type"], array["dtype"]) == ("numpy", "float64")
    return list(struct.unpack(f"<{array['shape']}d", array["blob"]))
