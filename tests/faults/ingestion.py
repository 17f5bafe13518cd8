"""Ingestion requests whose every value says which request wrote it, so that what is read back can be judged.

Of each series of one run exactly one client writes, one request after another.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import numpy as np
from tests.faults.changes import Change, Fate, label

SPAN = 100_000
"""More than the points of one request: value = number of the request * SPAN + place in it."""

FIRST_TIME = 1_700_000_000.0
_TAGS = 3

Form = Literal["json", "columns"]


@dataclass(frozen=True)
class Request:
    """The request `number` of a client: points of two series, a param, a text and what has no key, in one append.

    The series `<client>/next` leaves the steps to the server, so a request that counts twice shows as points too many;
    so do log records and notes. `<client>/at` names its steps, epochs and times.
    """

    client: str
    number: int
    run_id: str
    points: int
    form: Form

    @property
    def tag(self) -> str | None:
        """Every fifth request attaches one of a few tags, by name: all clients race to make them."""
        return f"tag-{self.number // 5 % _TAGS}" if self.number % 5 == 0 else None

    @property
    def note(self) -> str | None:
        return f"{self.client} {self.number}" if self.number % 10 == 0 else None

    @property
    def change(self) -> Change:
        """All but the points, whose columns are compared whole."""
        items = {
            label("param", self.client, self.number),
            label("record", f"{self.client} {self.number}"),
            label("texts", f"{self.client}/text", self.number, f"text {self.number}"),
        }
        if self.tag is not None:
            items.add(label("tag", self.tag))
        if self.note is not None:
            items.add(label("note", self.note))
        return Change(self.run_id, frozenset(items), messages=len(self.messages()))

    @property
    def content_type(self) -> str:
        return "application/json" if self.form == "json" else "application/msgpack"

    def messages(self) -> list[dict[str, Any]]:
        """The param stands between the two series, so that the append holds several events."""
        param = {"type": "log_hparams", "value": {self.client: {f"r{self.number}": self.number}}}
        more = [self._text(), self._record()]
        if self.tag is not None:
            more.append({"type": "add_tag", "tag_name": self.tag})
        if self.note is not None:
            more.append({"type": "note", "content": self.note})
        if self.form == "columns":
            return [self._next_columns(), param, self._at_columns(), *more]
        return [*self._next_messages(), param, *self._at_messages(), *more]

    def body(self) -> bytes:
        if self.form == "json":
            return json.dumps(self.messages()).encode()
        return msgspec.msgpack.encode(self.messages())

    def _text(self) -> dict[str, Any]:
        value = {"type": "text", "data": f"text {self.number}"}
        name = f"{self.client}/text"
        return {"type": "log_custom_object", "name": name, "value": value, "step": self.number, "dtype": "text"}

    def _record(self) -> dict[str, Any]:
        message = f"{self.client} {self.number}"
        return {"type": "log_record", "message": message, "level": 20, "timestamp": FIRST_TIME + self.number}

    def _next_messages(self) -> list[dict[str, Any]]:
        name = next_series(self.client)
        return [{"type": "log_metric", "name": name, "value": value} for value in values_of(self.number, self.points)]

    def _at_messages(self) -> list[dict[str, Any]]:
        return [
            {
                "type": "log_metric",
                "name": at_series(self.client),
                "value": value,
                "step": int(value),
                "epoch": self.number,
                "client_datetime": time_of(value),
            }
            for value in values_of(self.number, self.points)
        ]

    def _next_columns(self) -> dict[str, Any]:
        values = np.array(values_of(self.number, self.points))
        points = {"value": values.astype("<f8").tobytes()}
        return {"type": "log_metrics", "series": [{"name": next_series(self.client)}], "points": points}

    def _at_columns(self) -> dict[str, Any]:
        values = np.array(values_of(self.number, self.points))
        points = {
            "value": values.astype("<f8").tobytes(),
            "step": values.astype("<i8").tobytes(),
            "epoch": np.full(self.points, self.number, "<i8").tobytes(),
            "client_datetime": np.array([time_of(value) for value in values.tolist()], "<f8").tobytes(),
        }
        return {"type": "log_metrics", "series": [{"name": at_series(self.client)}], "points": points}


@dataclass(frozen=True)
class Sent:
    """refused: the server said that it did not take it. unknown: nobody answered."""

    request: Request
    fate: Fate


def next_series(client: str) -> str:
    return f"{client}/next"


def at_series(client: str) -> str:
    return f"{client}/at"


def values_of(number: int, points: int) -> list[float]:
    return [float(number * SPAN + place) for place in range(points)]


def time_of(value: float) -> float:
    return FIRST_TIME + value / 16
