"""Frames as matyan-client sends them, of every kind of message; every value says which frame it came in."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.faults.changes import ABSENT, Change, file_label, label, switched_tag
from tests.faults.ingestion import FIRST_TIME

Message = dict[str, Any]

_LARGE = 300 << 10
"""Characters of a text that no event holds: it is set aside as a blob."""

PARAM_PREFIX = "r"


@dataclass(frozen=True)
class Frame:
    """One object if there is one message, an array otherwise: as the client does."""

    run_id: str
    messages: tuple[Message, ...]
    items: frozenset[str] = frozenset()
    sets: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return json.dumps(self.messages[0] if len(self.messages) == 1 else self.messages)

    @property
    def change(self) -> Change:
        return Change(self.run_id, self.items, self.sets, len(self.messages))


@dataclass(frozen=True)
class Upload:
    """Bytes beside the messages. kind: of the object that shows them, None for an artifact of the run."""

    client: str
    number: int
    path: str
    kind: str | None

    @property
    def content(self) -> bytes:
        return f"{self.path} of frame {self.number}".encode() * 50

    @property
    def _file(self) -> str:
        return file_label(self.path, self.content)

    def arrived(self, run_id: str) -> Change:
        """The bytes of an object are found by the key that it carries, whatever becomes of their announcement."""
        return Change(run_id, frozenset({self._file}), messages=0)

    def announced(self, run_id: str) -> Frame:
        """What the client says once the bytes were taken. From then on an artifact can be read."""
        message = {
            "type": "blob_ref",
            "run_id": run_id,
            "s3_key": f"{run_id}/{self.path}",
            "artifact_path": self.path,
            "content_type": "application/octet-stream",
        }
        items = {self._file}
        if self.kind is None:
            items.add(label("artifact", self.path))
        return Frame(run_id, (message,), frozenset(items))


@dataclass(frozen=True)
class Round:
    """The frame `number` of a client and what it uploads after it. step, line: as the client counts them."""

    client: str
    run_id: str
    number: int
    step: int
    line: int

    @property
    def uploads(self) -> list[Upload]:
        found = []
        if self.number % 4 == 0:
            found.append(Upload(self.client, self.number, f"seq/{self.client}/images/{self.step}.png", "images"))
        if self.number % 12 == 0:
            found.append(Upload(self.client, self.number, f"seq/{self.client}/audios/{self.step}.wav", "audios"))
        if self.number % 5 == 0:
            found.append(Upload(self.client, self.number, f"{self.client}/dir x/ü {self.number}.bin", None))
        return found

    def frame(self) -> Frame:
        messages: list[Message] = []
        items: set[str] = set()
        sets: dict[str, str] = {}
        for message, item in self._items():
            messages.append({**message, "run_id": self.run_id})
            items.add(item)
        for message, name, value in self._properties():
            messages.append({**message, "run_id": self.run_id})
            sets[name] = value
        return Frame(self.run_id, tuple(messages), frozenset(items), sets)

    def _items(self) -> Iterator[tuple[Message, str]]:
        client, number = self.client, self.number
        yield self._point(), label("point", f"{client}/m", self.step, float(number))
        yield (
            {"type": "log_hparams", "value": {client: {f"{PARAM_PREFIX}{number}": number}}},
            label("param", client, number),
        )
        yield (
            {"type": "log_terminal_line", "line": f"{client} {number}", "step": self.line},
            label("line", f"{client} {number}"),
        )
        record = {"message": f"{client} {number}", "level": 30, "timestamp": FIRST_TIME + number}
        yield (
            {"type": "log_record", **record, "logger_info": ["train.py", number], "extra_args": {"n": number}},
            label("record", f"{client} {number}"),
        )
        yield from self._objects()
        if number % 7 == 0:
            tag = f"{client} {number % 3}"
            yield {"type": "add_tag", "tag_name": tag}, label("tag", tag)

    def _objects(self) -> Iterator[tuple[Message, str]]:
        number = self.number
        text = f"{number} " + ("x" * _LARGE if number % 20 == 0 else "")
        yield self._object("texts", {"type": "text", "data": text}, text)
        if number % 3 == 0:
            weights = [float(number), 1.0, 2.0]
            value = {"type": "distribution", "bin_count": 3, "range": [0.0, 3.0], "data": weights}
            yield self._object("distributions", value, weights)
            data = {"layout": {"title": str(number)}, "data": []}
            yield self._object("figures", {"type": "figure", "data": data}, json.dumps(data))
        for upload in self.uploads:
            if upload.kind is not None:
                value = {"format": "PNG" if upload.kind == "images" else "wav", "caption": str(number)}
                more = {"width": 4, "height": 3} if upload.kind == "images" else {"rate": 8000}
                kind = upload.kind.removesuffix("s")
                key = f"{self.run_id}/{upload.path}"
                yield self._object(upload.kind, {"type": kind, **value, **more, "s3_key": key}, number)

    def _properties(self) -> Iterator[tuple[Message, str, str]]:
        if self.number % 6 == 0:
            text = f"{self.client} {self.number}"
            yield {"type": "set_run_property", "description": text}, "description", text
        if self.number % 9 == 0:
            tag = switched_tag(self.client)
            kind, state = (("add_tag", tag), ("remove_tag", ABSENT))[self.number // 9 % 2]
            yield {"type": kind, "tag_name": tag}, tag, state

    def _point(self) -> Message:
        return {
            "type": "log_metric",
            "name": f"{self.client}/m",
            "value": float(self.number),
            "step": self.step,
            "epoch": None,
            "context": {"subset": "train"},
            "dtype": "float",
            "client_datetime": _time(self.number),
        }

    def _object(self, kind: str, value: Message, shown: object) -> tuple[Message, str]:
        name = f"{self.client}/{kind}"
        message = {
            "type": "log_custom_object",
            "name": name,
            "value": value,
            "step": self.step,
            "epoch": None,
            "context": None,
            "dtype": value["type"],
            "client_datetime": _time(self.number),
        }
        return message, label(kind, name, self.step, shown)


def begin(run_id: str, number: int, *, resume: bool) -> Frame:
    message = {"type": "create_run", "run_id": run_id, "client_datetime": _time(number), "force_resume": resume}
    return Frame(run_id, (message,), sets={"active": "True"})


def finish(run_id: str, number: int) -> Frame:
    message = {"type": "finish_run", "run_id": run_id, "client_datetime": _time(number)}
    return Frame(run_id, (message,), sets={"active": "False"})


def _time(number: int) -> str:
    return datetime.fromtimestamp(FIRST_TIME + number, UTC).isoformat(timespec="microseconds")
