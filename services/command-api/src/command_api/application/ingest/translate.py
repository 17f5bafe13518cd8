"""Messages to events. Pure: the time and everything else that varies comes in as an argument.

Names of tags and experiments are not yet ids here: who knows the catalog turns the intents into events.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from command_api.application.claim_check import Claims
from command_api.application.ingest.decode import Item
from command_api.application.ingest.limits import MAX_EVENT_BYTES, MAX_NAMED
from command_api.application.ingest.messages import (
    KINDS,
    AddTag,
    Artifact,
    BlobRef,
    CreateRun,
    FinishRun,
    LogCustomObject,
    LogHparams,
    LogMetric,
    LogMetrics,
    LogRecord,
    LogTerminalLine,
    Message,
    Note,
    RemoveTag,
    SetRunProperty,
)
from command_api.application.ingest.params import members_events, params_events
from command_api.application.ingest.points import PointBuffer
from command_api.application.ingest.rows import LineRows, ObjectRows, RecordRows
from command_api.application.ingest.times import client_time
from command_api.application.note_text import note_text
from contracts.blobs import Blob
from contracts.envelope import MAX_PARTS
from contracts.errors import ClientError, ValidationFailed
from contracts.events import (
    ArtifactAdded,
    LogRecordsAppended,
    RunArchived,
    RunCreated,
    RunDescribed,
    RunEvent,
    RunFinished,
    RunRenamed,
    RunResumed,
    RunUnarchived,
)
from contracts.keys import check_path, check_upload_key, upload_place
from contracts.rest.ingest import RejectedMessage
from contracts.trees import Tree, clean_text, clean_tree, pack


class AttachTag(msgspec.Struct, frozen=True):
    name: str


class DetachTag(msgspec.Struct, frozen=True):
    name: str


class JoinExperiment(msgspec.Struct, frozen=True):
    """An empty name detaches the run."""

    name: str


Intent = AttachTag | DetachTag | JoinExperiment


class AddNote(msgspec.Struct, frozen=True):
    """Two events where the note was changed after it was made: parts `part` and `part + 1`.

    content: text, or a StoredValue of it. Times are seconds UTC.
    """

    content: Tree
    created_at: float
    updated_at: float


What = RunEvent | Intent | AddNote


class Step(msgspec.Struct, frozen=True):
    """One event to be, in the order of the request. index: of its first message. part: counts those of one index.

    by_frame: the same frame again means the same event, although its client names no batches.
    """

    index: int
    part: int
    what: What
    by_frame: bool = False


@dataclass(slots=True)
class Translated:
    """content: what must be stored before the events are appended, by content hash."""

    accepted: int = 0
    steps: list[Step] = field(default_factory=list)
    rejected: list[RejectedMessage] = field(default_factory=list)
    content: dict[str, bytes] = field(default_factory=dict)


def translate(items: Sequence[Item], now: float) -> Translated:
    """Every valid message becomes steps, every bad one is named; data that follows each other shares events."""
    if all(_is_point(item.message) for item in items):
        return _points_alone(items, now)
    return _Translation(now).run(items)


def _is_point(message: Any) -> bool:
    return type(message) is LogMetric and type(message.value) is float


def _points_alone(items: Sequence[Item], now: float) -> Translated:
    """Nearly every frame there is; looking at each message for any other kind would cost as much as the points."""
    result, points = Translated(), PointBuffer(now)
    for item in items:
        try:
            points.add_point(item.index, item.message)
        except ClientError as error:
            result.rejected.append(RejectedMessage(item.index, error.message))
    result.accepted = len(items) - len(result.rejected)
    result.steps = [Step(index, part, event) for index, events in points.take() for part, event in enumerate(events)]
    return result


class _Translation:
    def __init__(self, now: float) -> None:
        self._now = now
        self._points = PointBuffer(now)
        self._objects = ObjectRows(now)
        self._lines = LineRows()
        self._records = RecordRows(now)
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
        self._flush()
        return self._result

    def _add(self, item: Item) -> None:
        message = read_message(item)
        if not self._gathered(item.index, message):
            claims = Claims()
            whats = _READERS[type(message)](message, self._now, claims)
            self._check(whats)
            self._flush()
            self._append(item.index, whats)
            self._result.content.update(claims.blobs)

    def _gathered(self, index: int, message: Message) -> bool:
        """Whether the message is one of data, which is gathered until another kind of message comes.

        Points, objects, lines and records wait side by side: none of them changes what another one means.
        """
        match message:
            case LogMetric(value=dict() as value):
                self._add_object(index, message, value)
            case LogMetric():
                self._points.add_point(index, message)
            case LogMetrics():
                self._points.add_columns(index, message)
            case LogCustomObject():
                self._result.content.update(self._objects.add(index, message))
            case LogTerminalLine():
                self._result.content.update(self._lines.add(index, message))
            case LogRecord():
                self._result.content.update(self._records.add(index, message))
            case _:
                return False
        return True

    def _add_object(self, index: int, message: LogMetric, value: dict[Any, Any]) -> None:
        custom = LogCustomObject(
            message.name, value, message.step, message.epoch, message.context, message.dtype, message.client_datetime
        )
        self._result.content.update(self._objects.add(index, custom))

    def _check(self, whats: Sequence[What]) -> None:
        """Too many events, one that no record can hold, and a name too many cost their own message alone."""
        if len(whats) > MAX_PARTS:
            raise ValidationFailed(f"the value would become {len(whats)} events, at most {MAX_PARTS} are taken")
        for what in whats:
            self._check_one(what)

    def _check_one(self, what: What) -> None:
        if isinstance(what, RunEvent | AddNote):
            size = len(pack(what))
            if size > MAX_EVENT_BYTES:
                raise ValidationFailed(f"the value has {size} bytes, at most {MAX_EVENT_BYTES} are taken")
            return
        if what not in self._named and len(self._named) >= MAX_NAMED:
            raise ValidationFailed(f"a request may not name more than {MAX_NAMED} tags and experiments")
        self._named.add(what)

    def _flush(self) -> None:
        """What was gathered, in the order of the first messages: that of a run that begins with it is when it began."""
        timed = self._records.timed
        gathered: list[tuple[int, Sequence[What]]] = [
            *self._points.take(),
            *self._objects.take(),
            *self._lines.take(),
            *self._records.take(),
        ]
        for index, events in sorted(gathered, key=lambda pair: pair[0]):
            self._append(index, events, timed=timed)

    def _append(self, index: int, whats: Sequence[What], *, timed: bool = False) -> None:
        for part, what in enumerate(whats):
            by_frame = timed and isinstance(what, LogRecordsAppended)
            self._result.steps.append(Step(index, part, what, by_frame))


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
    except ValueError:
        # The converter's own text for it would hold the integer.
        raise ValidationFailed("an integer is too long for its field") from None


def _converted(raw: dict[str, Any], expected: type[Message]) -> Message:
    try:
        return msgspec.convert(raw, expected)
    except UnicodeEncodeError:
        # Half a surrogate pair, which the converter cannot look at where it compares texts.
        return msgspec.convert(clean_tree(raw), expected)


def _create(message: CreateRun, now: float, _claims: Claims) -> list[What]:
    kind = RunResumed if message.force_resume else RunCreated
    began = client_time(message.client_datetime, now)
    if message.creation_time is None:
        return [kind(at=began)]
    return [kind(at=client_time(message.creation_time, now), session=began)]


def _finish(message: FinishRun, now: float, _claims: Claims) -> list[What]:
    given = message.end_time if message.end_time is not None else message.client_datetime
    return [RunFinished(at=client_time(given, now), reason="client")]


def _hparams(message: LogHparams, _now: float, claims: Claims) -> list[What]:
    """Descend while there is exactly one key; what remains replaces the subtree there. `{}` says nothing.

    `run["a.b"] = 1` and `run["a"] = {"b": 1}` are the same bytes, so no other rule serves both. Several keys at the top
    (clients of ours alone send that) replace each its own subtree, never all params: members of one event, since what
    a run remembers of a batch bounds the events of a message.
    """
    value = clean_tree(message.value)
    if not isinstance(value, dict) or not value:
        return []
    path: list[str | int] = []
    while isinstance(value, dict) and len(value) == 1:
        ((key, value),) = value.items()
        path.append(key)
    if path:
        return [*params_events(tuple(path), value, claims)]
    return [*members_events(value, claims)]


def _property(message: SetRunProperty, _now: float, _claims: Claims) -> list[What]:
    whats: list[What] = []
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


def _add_tag(message: AddTag, _now: float, _claims: Claims) -> list[What]:
    return [AttachTag(_tag_name(message.tag_name))]


def _remove_tag(message: RemoveTag, _now: float, _claims: Claims) -> list[What]:
    return [DetachTag(_tag_name(message.tag_name))]


def _blob_ref(message: BlobRef, _now: float, _claims: Claims) -> list[What]:
    key = message.s3_key or message.blob_key
    if key is None:
        raise ValidationFailed("blob_ref must have s3_key or blob_key")
    path = check_path(clean_text(message.artifact_path))
    key = check_upload_key(clean_text(key))
    blob = Blob(key=key, place=upload_place(key))
    return [ArtifactAdded(path=path, name=_last(path), blob=blob, content_type=clean_text(message.content_type))]


def _artifact(message: Artifact, _now: float, _claims: Claims) -> list[What]:
    path = clean_text(message.path)
    content_type = None if message.content_type is None else clean_text(message.content_type)
    name = clean_text(message.name) if message.name else _last(path)
    return [ArtifactAdded(path=path, name=name, uri=clean_text(message.uri), content_type=content_type)]


def _last(path: str) -> str:
    return path.rpartition("/")[2] or path


def _note(message: Note, now: float, claims: Claims) -> list[What]:
    created_at = client_time(message.created_at, now)
    updated_at = created_at if message.updated_at is None else client_time(message.updated_at, now)
    return [AddNote(claims.value(note_text(message.content)), created_at, updated_at)]


_READERS: dict[type, Callable[[Any, float, Claims], list[What]]] = {
    CreateRun: _create,
    FinishRun: _finish,
    LogHparams: _hparams,
    SetRunProperty: _property,
    AddTag: _add_tag,
    RemoveTag: _remove_tag,
    BlobRef: _blob_ref,
    Artifact: _artifact,
    Note: _note,
}
