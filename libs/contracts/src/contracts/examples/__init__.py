"""Recorded examples: one file for each version of each event, kept for ever, run by all who read or write events.

A file holds `header` and `event` as JSON; bytes are base64.
"""

from importlib.resources import files

import msgspec

from contracts.envelope import Header, Recorded
from contracts.upcasts import event_class, upcast


class _Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    header: Header
    event: msgspec.Raw


def names() -> list[tuple[str, int]]:
    """(event name, version) of every example, sorted."""
    stems = [entry.name.removesuffix(".json") for entry in files(__name__).iterdir() if entry.name.endswith(".json")]
    return sorted((name, int(version)) for name, _, version in (stem.partition(".v") for stem in stems))


def load(name: str, version: int) -> Recorded:
    """The example, brought up to date. Raises FileNotFoundError if there is none, InvalidEvent for an unknown name."""
    kind = event_class(name)
    text = (files(__name__) / f"{name}.v{version}.json").read_bytes()
    example = msgspec.json.decode(text, type=_Example)
    raw = bytes(example.event)
    if version != kind.schema_version:
        raw = msgspec.json.encode(upcast(name, version, msgspec.json.decode(raw)))
    return Recorded(header=example.header, event=msgspec.json.decode(raw, type=kind))
