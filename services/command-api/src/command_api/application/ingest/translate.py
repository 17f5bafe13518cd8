"""Messages to events. Pure: the time and everything else that varies comes in as an argument.

Names of tags and experiments are not yet ids here: who knows the catalog turns the intents into events.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from command_api.application.ingest.decode import Item
from command_api.application.ingest.limits import MAX_EVENT_BYTES, MAX_NAMED
from command_api.application.ingest.messages import (
    KINDS,
    AddTag,
    CreateRun,
    FinishRun,
    LogHparams,
    LogMetric,
    LogMetrics,
    Message,
    RemoveTag,
    SetRunProperty,
)
from command_api.application.ingest.points import PointBuffer
from command_api.application.ingest.times import client_time
from contracts.errors import ClientError, ValidationFailed
from contracts.events import (
    ParamsSet,
    RunArchived,
    RunCreated,
    RunDescribed,
    RunEvent,
    RunFinished,
    RunRenamed,
    RunResumed,
    RunUnarchived,
)
from contracts.rest.ingest import RejectedMessage
from contracts.trees import clean_text, clean_tree, pack


class AttachTag(msgspec.Struct, frozen=True):
    name: str


class DetachTag(msgspec.Struct, frozen=True):
    name: str


class JoinExperiment(msgspec.Struct, frozen=True):
    """An empty name detaches the run."""

    name: str


Intent = AttachTag | DetachTag | JoinExperiment


class Step(msgspec.Struct, frozen=True):
    """One event to be, in the order of the request. index: of its first message. part: counts those of one index."""

    index: int
    part: int
    what: RunEvent | Intent


@dataclass(slots=True)
class Translated:
    accepted: int = 0
    steps: list[Step] = field(default_factory=list)
    rejected: list[RejectedMessage] = field(default_factory=list)


def translate(items: Sequence[Item], now: float) -> Translated:
    """Every valid message becomes steps, every bad one is named; points that follow each other share events."""
    return _Translation(now).run(items)


class _Translation:
    def __init__(self, now: float) -> None:
        self._now = now
        self._points = PointBuffer(now)
        self._result = Translated()
        self._named: set[Intent] = set()

    def run(self, items: Sequence[Item]) -> Translated:
        for item in items:
            try:
                self._add(item)
            except ClientError as error:
                self._result.rejected.append(RejectedMessage(item.index, error.message))
            else:
                self._result.accepted += 1
        self._flush_points()
        return self._result

    def _add(self, item: Item) -> None:
        message = read_message(item)
        if isinstance(message, LogMetric):
            self._points.add_point(item.index, message)
        elif isinstance(message, LogMetrics):
            self._points.add_columns(item.index, message)
        else:
            whats = _READERS[type(message)](message, self._now)
            for what in whats:
                self._check(what)
            self._flush_points()
            self._append(item.index, whats)

    def _check(self, what: RunEvent | Intent) -> None:
        """An event that no record can hold, and a name too many, cost their own message alone."""
        if isinstance(what, RunEvent):
            size = len(pack(what))
            if size > MAX_EVENT_BYTES:
                raise ValidationFailed(f"the value has {size} bytes, at most {MAX_EVENT_BYTES} are taken")
            return
        if what not in self._named and len(self._named) >= MAX_NAMED:
            raise ValidationFailed(f"a request may not name more than {MAX_NAMED} tags and experiments")
        self._named.add(what)

    def _flush_points(self) -> None:
        index = self._points.first_index
        if index is not None:
            self._append(index, self._points.take())

    def _append(self, index: int, whats: Sequence[RunEvent | Intent]) -> None:
        self._result.steps.extend(Step(index, part, what) for part, what in enumerate(whats))


def read_message(item: Item) -> Message:
    """Raises ValidationFailed with a text that names the field, or the kind if it is not known here."""
    if item.error is not None:
        raise ValidationFailed(item.error)
    raw = item.message
    if isinstance(raw, Message):
        return raw
    if not isinstance(raw, dict):
        raise ValidationFailed("a message must be an object")
    kind = raw.get("type")
    expected = KINDS.get(kind) if isinstance(kind, str) else None
    if expected is None:
        raise ValidationFailed(
            f"unknown type {kind[:64]!r}" if isinstance(kind, str) else "a message must name its type"
        )
    try:
        return _converted(raw, expected)
    except (msgspec.ValidationError, OverflowError) as error:
        raise ValidationFailed(str(error)) from error


def _converted(raw: dict[str, Any], expected: type[Message]) -> Message:
    try:
        return msgspec.convert(raw, expected)
    except UnicodeEncodeError:
        # Half a surrogate pair, which the converter cannot look at where it compares texts.
        return msgspec.convert(clean_tree(raw), expected)


def _create(message: CreateRun, now: float) -> list[RunEvent | Intent]:
    given = message.creation_time if message.creation_time is not None else message.client_datetime
    at = client_time(given, now)
    return [RunResumed(at=at) if message.force_resume else RunCreated(at=at)]


def _finish(message: FinishRun, now: float) -> list[RunEvent | Intent]:
    given = message.end_time if message.end_time is not None else message.client_datetime
    return [RunFinished(at=client_time(given, now), reason="client")]


def _hparams(message: LogHparams, _: float) -> list[RunEvent | Intent]:
    """Descend while there is exactly one key; what remains replaces the subtree there. `{}` says nothing.

    `run["a.b"] = 1` and `run["a"] = {"b": 1}` are the same bytes, so no other rule serves both. Several keys at the top
    (clients of ours alone send that) replace each its own subtree, never all params.
    """
    value = clean_tree(message.value)
    if not isinstance(value, dict) or not value:
        return []
    path: list[str | int] = []
    while isinstance(value, dict) and len(value) == 1:
        ((key, value),) = value.items()
        path.append(key)
    if path:
        return [ParamsSet(path=tuple(path), value=value)]
    return [ParamsSet(path=(key,), value=part) for key, part in value.items()]


def _property(message: SetRunProperty, _: float) -> list[RunEvent | Intent]:
    whats: list[RunEvent | Intent] = []
    if message.name is not None:
        whats.append(RunRenamed(name=clean_text(message.name), by="client"))
    if message.description is not None:
        whats.append(RunDescribed(description=clean_text(message.description), by="client"))
    if message.archived is not None:
        whats.append(RunArchived(by="client") if message.archived else RunUnarchived(by="client"))
    if message.experiment is not None:
        whats.append(JoinExperiment(clean_text(message.experiment).strip()))
    return whats


def _tag_name(name: str) -> str:
    cleaned = clean_text(name).strip()
    if not cleaned:
        raise ValidationFailed("tag_name must not be empty")
    return cleaned


def _add_tag(message: AddTag, _: float) -> list[RunEvent | Intent]:
    return [AttachTag(_tag_name(message.tag_name))]


def _remove_tag(message: RemoveTag, _: float) -> list[RunEvent | Intent]:
    return [DetachTag(_tag_name(message.tag_name))]


_READERS: dict[type, Callable[[Any, float], list[RunEvent | Intent]]] = {
    CreateRun: _create,
    FinishRun: _finish,
    LogHparams: _hparams,
    SetRunProperty: _property,
    AddTag: _add_tag,
    RemoveTag: _remove_tag,
}
