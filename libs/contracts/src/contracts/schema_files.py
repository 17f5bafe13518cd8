"""JSON Schemas of the events, generated from their classes: `python -m contracts.schema_files` writes them.

The file of an older version stays as it was when the version was current; only current versions are written.
"""

import json
from pathlib import Path

import msgspec

from contracts.events import EVENTS, Event

DIRECTORY = Path(__file__).parent / "schemas"


def file_name(event: type[Event]) -> str:
    return f"{event.__name__}.v{event.schema_version}.json"


def schema_text(event: type[Event]) -> str:
    """The file's whole text: the event as it stands in examples, where bytes are base64."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(event)}
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def write(directory: Path = DIRECTORY) -> None:
    directory.mkdir(exist_ok=True)
    for event in EVENTS:
        (directory / file_name(event)).write_text(schema_text(event), encoding="utf-8")


if __name__ == "__main__":
    write()
