"""What stands around an event in the log, and the codec of both (MessagePack)."""

from typing import Any

import msgspec

from contracts.errors import InvalidEvent
from contracts.events import Event
from contracts.trees import pack, read_extension
from contracts.upcasts import event_class, upcast

PROJECT = "default"
"""One project per deployment; the id is in the envelope from the first day."""


MAX_INDEX = 1 << 20
MAX_PARTS = 1 << 10
"""What a run remembers of a batch has a bit for each index and part: who appends keeps below both, the fold refuses
what does not."""


class Dedupe(msgspec.Struct, frozen=True, array_like=True):
    """Names an event of a batch that the client named: a repeat carries the same and changes nothing.

    batch: the client's id. index: of the event's first message in the request, less than MAX_INDEX. part: counts the
    events that begin with one message, less than MAX_PARTS.
    """

    batch: str
    index: int
    part: int = 0


class Header(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """id: UUIDv7 text. key: run id, or the catalog's key. recorded_at: seconds UTC, when the command API took it."""

    id: str
    key: str
    recorded_at: float
    generation: int = 1
    project: str = PROJECT
    actor: str | None = None
    request_id: str | None = None
    dedupe: Dedupe | None = None


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it was read from the log, in its current version."""

    header: Header
    event: Event


class _Stored(Header, frozen=True, kw_only=True, omit_defaults=True):
    type: str
    version: int = 1
    event: msgspec.Raw


def encode(recorded: Recorded) -> bytes:
    """The value of a log record."""
    return encode_event(recorded.header, recorded.event)


def encode_event(header: Header, event: Event) -> bytes:
    """As `encode`; appending is where the time of ingestion goes."""
    return pack(
        _Stored(
            id=header.id,
            key=header.key,
            recorded_at=header.recorded_at,
            generation=header.generation,
            project=header.project,
            actor=header.actor,
            request_id=header.request_id,
            dedupe=header.dedupe,
            type=type(event).__name__,
            version=event.schema_version,
            event=msgspec.Raw(pack(event)),
        )
    )


_decoder = msgspec.msgpack.Decoder(_Stored, ext_hook=read_extension)
_event_decoders: dict[type[Event], msgspec.msgpack.Decoder[Any]] = {}


def decode(value: bytes) -> Recorded:
    """The event of a log record, old versions brought up to date. Raises InvalidEvent for anything else."""
    try:
        stored = _decoder.decode(value)
        return Recorded(header=_header(stored), event=_event(stored))
    except (msgspec.DecodeError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise InvalidEvent(f"not an event: {error}") from error


def _header(stored: _Stored) -> Header:
    return Header(
        id=stored.id,
        key=stored.key,
        recorded_at=stored.recorded_at,
        generation=stored.generation,
        project=stored.project,
        actor=stored.actor,
        request_id=stored.request_id,
        dedupe=stored.dedupe,
    )


def _event(stored: _Stored) -> Event:
    kind = event_class(stored.type)
    if stored.version == kind.schema_version:
        decoder = _event_decoders.get(kind)
        if decoder is None:
            decoder = _event_decoders[kind] = msgspec.msgpack.Decoder(kind, ext_hook=read_extension)
        event: Event = decoder.decode(stored.event)
        return event
    fields = msgspec.msgpack.decode(stored.event, ext_hook=read_extension)
    return msgspec.convert(upcast(stored.type, stored.version, fields), kind)
