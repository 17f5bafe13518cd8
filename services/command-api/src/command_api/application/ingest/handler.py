"""The command behind the native endpoint: take every valid message of a request, durable when it answers."""

import hashlib
from collections.abc import Iterator, Sequence

from command_api.application import claim_check
from command_api.application.ingest.decode import decode_body
from command_api.application.ingest.deleted_runs import is_surely_deleted
from command_api.application.ingest.limits import MAX_BATCH_ID
from command_api.application.ingest.repeats import unmet
from command_api.application.ingest.translate import (
    AddNote,
    AttachTag,
    DetachTag,
    Intent,
    JoinExperiment,
    Step,
    Translated,
    translate,
)
from command_api.application.names import Found, Names
from command_api.application.ports import Caller, Tools
from command_api.application.recording import INLINE_EVENTS, ToAppend, append, to_records
from contracts.envelope import Dedupe
from contracts.errors import ValidationFailed
from contracts.events import (
    RunEvent,
    RunMovedToExperiment,
    RunNoteAdded,
    RunNoteEdited,
    RunTagged,
    RunUntagged,
)
from contracts.keys import check_run_id
from contracts.position import Position, encode_token
from contracts.rest.ingest import Ingested, RejectedMessage
from stores.eventlog.port import NewRecord

_INLINE_BYTES = 32 << 10
"""A body up to this size is translated on the loop: a thread would cost more than it saves."""


async def ingest(
    tools: Tools, names: Names, caller: Caller, run_id: str, body: bytes, content_type: str, batch_id: str | None
) -> Ingested:
    """Raises ValidationFailed if the body cannot be read or holds no valid message; then nothing was appended."""
    check_run_id(run_id)
    if batch_id is not None and not 0 < len(batch_id) <= MAX_BATCH_ID:
        raise ValidationFailed(f"Idempotency-Key must have 1 to {MAX_BATCH_ID} characters")
    now = tools.clock()
    translated = await _translated(tools, body, content_type, now)
    if not translated.accepted:
        raise ValidationFailed(_nothing_valid(translated.rejected))
    frame = "" if batch_id is not None else await _frame_of(tools, translated, body)
    positions = await record(tools, names, caller, run_id, translated, batch_id, frame)
    tools.leases.touch(run_id)
    return Ingested(translated.accepted, translated.rejected, encode_token(positions))


async def record(
    tools: Tools,
    names: Names,
    caller: Caller,
    run_id: str,
    translated: Translated,
    batch_id: str | None,
    frame: str,
) -> list[Position]:
    """Append what messages were translated to; durable when this returns. Positions of names it created come first.

    Nothing is appended where the events would be dropped and something else would stay: a run that was deleted, and
    names of a batch that the run has met; where it has met all of it, the position is one that shows it.

    batch_id: the client's, a repeat with the same one changes nothing. frame: `frame_id` of the text that the messages
    came in, for steps that need it; it may be empty where there is none.
    """
    if _leaves_something(translated) and await is_surely_deleted(tools, run_id):
        return []
    steps: Sequence[Step] = translated.steps
    if batch_id is not None and _names(steps):
        steps, shown = await unmet(tools, run_id, batch_id, steps)
        if not steps:
            return list(shown)
    ids = _Ids(names, caller)
    items: list[ToAppend] = []
    for step in steps:
        named = frame if batch_id is None and step.by_frame else batch_id
        events = _note_events(tools, step.what) if isinstance(step.what, AddNote) else [await ids.event(step.what)]
        items += _to_append(events, run_id, named, step)
    # Before the append, and only when nothing else can refuse the request: an event must never name what is not there.
    await claim_check.store(tools.blobs, run_id, translated.content)
    appended = await append(tools, caller, items)
    return [*ids.created, *appended.positions]


def plain_records(
    tools: Tools, caller: Caller, run_id: str, translated: Translated, frame: str
) -> list[NewRecord] | None:
    """What `record` would append for a frame of a client without batch ids, where that needs nothing but encoding.

    None where names, notes or content are part of it, and for more events than the loop should encode.
    """
    steps = translated.steps
    if translated.content or len(steps) > INLINE_EVENTS or not all(isinstance(step.what, RunEvent) for step in steps):
        return None
    items: list[ToAppend] = []
    for step in steps:
        items += _to_append([step.what], run_id, frame if step.by_frame else None, step)  # type: ignore[list-item]  # checked above
    return to_records(tools, caller, items)[1]


def _leaves_something(translated: Translated) -> bool:
    """Names in the catalog or content in the blob store, beside what the fold decides about."""
    return bool(translated.content) or _names(translated.steps)


def _names(steps: Sequence[Step]) -> bool:
    return any(isinstance(step.what, AttachTag | JoinExperiment) for step in steps)


def frame_id(frame: bytes) -> str:
    """Stands for a batch id where a client sends a frame again without naming it."""
    return f"frame:{hashlib.blake2b(frame, digest_size=16).hexdigest()}"


async def _frame_of(tools: Tools, translated: Translated, body: bytes) -> str:
    if not any(step.by_frame for step in translated.steps):
        return ""
    return frame_id(body) if len(body) <= _INLINE_BYTES else await tools.beside_loop(lambda: frame_id(body))


def _to_append(events: Sequence[RunEvent], run_id: str, batch: str | None, step: Step) -> Iterator[ToAppend]:
    for part, event in enumerate(events, step.part):
        yield ToAppend(event, run_id, None if batch is None else Dedupe(batch, step.index, part))


def _note_events(tools: Tools, note: AddNote) -> list[RunEvent]:
    added = RunNoteAdded(note_id=tools.new_id(), content=note.content, at=note.created_at, by="client")
    if note.updated_at == note.created_at:
        return [added]
    return [added, RunNoteEdited(note_id=added.note_id, content=note.content, at=note.updated_at)]


async def _translated(tools: Tools, body: bytes, content_type: str, now: float) -> Translated:
    if len(body) <= _INLINE_BYTES:
        return translate(decode_body(body, content_type), now)
    return await tools.beside_loop(lambda: translate(decode_body(body, content_type), now))


def _nothing_valid(rejected: Sequence[RejectedMessage]) -> str:
    shown = "; ".join(f"message {r.index}: {r.message}" for r in rejected[:5])
    return f"No valid message. {shown}" if shown else "The request holds no message"


class _Ids:
    """The ids of the names of one request, each asked for once."""

    def __init__(self, names: Names, caller: Caller) -> None:
        self._names = names
        self._caller = caller
        self._found: dict[Intent, RunEvent] = {}
        self.created: list[Position] = []

    async def event(self, what: RunEvent | Intent) -> RunEvent:
        if isinstance(what, RunEvent):
            return what
        event = self._found.get(what)
        if event is None:
            event = self._found[what] = await self._resolved(what)
        return event

    async def _resolved(self, intent: Intent) -> RunEvent:
        if isinstance(intent, DetachTag):
            return RunUntagged(tag_ids=await self._names.known_tag_ids(intent.name), name=intent.name, by="client")
        if isinstance(intent, AttachTag):
            tag = await self._names.tag(intent.name, self._caller)
            return RunTagged(tag_id=self._noted(tag), name=intent.name, by="client")
        if not intent.name:
            return RunMovedToExperiment(experiment_id=None, by="client")
        experiment = await self._names.experiment(intent.name, self._caller)
        return RunMovedToExperiment(experiment_id=self._noted(experiment), by="client")

    def _noted(self, found: Found) -> str:
        if found.created is not None:
            self.created += found.created.positions
        return found.id
