"""The command behind the native endpoint: take every valid message of a request, durable when it answers."""

import asyncio
from collections.abc import Sequence

from command_api.application.ingest.decode import decode_body
from command_api.application.ingest.limits import MAX_BATCH_ID
from command_api.application.ingest.translate import (
    AttachTag,
    DetachTag,
    JoinExperiment,
    Step,
    Translated,
    translate,
)
from command_api.application.names import Names
from command_api.application.ports import Caller, Tools
from command_api.application.recording import ToAppend, append
from contracts.envelope import Dedupe
from contracts.errors import ValidationFailed
from contracts.events import RunEvent, RunMovedToExperiment, RunTagged, RunUntagged
from contracts.keys import check_run_id
from contracts.position import encode_token
from contracts.rest.ingest import Ingested, RejectedMessage

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
    if len(body) <= _INLINE_BYTES:
        translated = _translate(body, content_type, now)
    else:
        translated = await asyncio.to_thread(_translate, body, content_type, now)
    if not translated.accepted:
        raise ValidationFailed(_nothing_valid(translated.rejected))
    items = [await _item(names, caller, run_id, step, batch_id) for step in translated.steps]
    appended = await append(tools, caller, items)
    return Ingested(translated.accepted, translated.rejected, encode_token(appended.positions))


def _translate(body: bytes, content_type: str, now: float) -> Translated:
    return translate(decode_body(body, content_type), now)


def _nothing_valid(rejected: Sequence[RejectedMessage]) -> str:
    shown = "; ".join(f"message {r.index}: {r.message}" for r in rejected[:5])
    return f"No valid message. {shown}" if shown else "The request holds no message"


async def _item(names: Names, caller: Caller, run_id: str, step: Step, batch_id: str | None) -> ToAppend:
    dedupe = None if batch_id is None else Dedupe(batch_id, step.index, step.part)
    return ToAppend(await _event(names, caller, step), run_id, dedupe)


async def _event(names: Names, caller: Caller, step: Step) -> RunEvent:
    what = step.what
    if isinstance(what, AttachTag):
        return RunTagged(tag_id=await names.tag_id(what.name, caller), name=what.name, by="client")
    if isinstance(what, DetachTag):
        return RunUntagged(tag_ids=await names.known_tag_ids(what.name), name=what.name, by="client")
    if isinstance(what, JoinExperiment):
        experiment_id = await names.experiment_id(what.name, caller) if what.name else None
        return RunMovedToExperiment(experiment_id=experiment_id, by="client")
    return what
