"""What the OpenAPI file says of parameters beyond their type: meaning, bounds, words, an example. By their names,
which mean the same in every operation. Nothing here is checked: handlers refuse with the contract's own statuses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from litestar.openapi.spec import Example, OpenAPIType, Parameter, Reference, Schema

from edge.parameters import TIMEZONE_LIMIT_MINUTES

EXAMPLE_RUN = "my-run"
EXAMPLE_ID = "0b8ff0c6-3b1c-4b0a-9d5e-6a1f1f6f2c11"
SEQUENCE_KINDS = ("metric", "images", "texts", "distributions", "audios", "figures")
_RUN_ID = "^[A-Za-z0-9._~-]{1,128}$"
_RANGE = r"^\s*[0-9]*\s*(:\s*[0-9]*\s*)?$"


@dataclass(frozen=True)
class Described:
    """bounds: keywords of the schema, as fields of `Schema`."""

    text: str
    bounds: Mapping[str, Any]
    example: Any = None


def _id(thing: str) -> Described:
    return Described(f"id of the {thing}, a UUID in lower case", {"min_length": 1}, EXAMPLE_ID)


def _range(of: str) -> Described:
    return Described(
        f"`start:stop` of {of}, half-open; either side or all of it may be empty", {"pattern": _RANGE}, "0:10"
    )


_DENSITY = {"minimum": 1}

DESCRIBED: Mapping[str, Described] = {
    "run_id": Described("id of the run, as its client chose it", {"pattern": _RUN_ID}, EXAMPLE_RUN),
    "tag_id": _id("tag"),
    "experiment_id": _id("experiment"),
    "note_id": _id("note"),
    "dashboard_id": _id("dashboard"),
    "app_id": _id("app"),
    "report_id": _id("report"),
    "token": Described("as a presigned address holds it", {"min_length": 1}, "gqVwbGFjZQ.c2lnbmF0dXJl"),
    "q": Described("query expression; empty: all that is not archived, `()`: nothing", {}, "run.hparams.lr > 0.01"),
    "record_range": _range("steps, lines or records"),
    "index_range": _range("places in the list that a step holds"),
    "record_density": Described("most steps of a series", _DENSITY, 50),
    "index_density": Described("most objects of a step", _DENSITY, 5),
    "record_step": Described("the step; negative ones count from the end, -1 is the last", {}, -1),
    "p": Described("most points of a series, first and last kept; -1: all", {"minimum": -1}, 50),
    "limit": Described("most items; 0: no limit", {"minimum": 0}, 45),
    "offset": Described("id of the run after which the page begins", {}, ""),
    "sort": Described(
        'JSON array of {"field", "order"}; fields run, experiment, hash, date, duration, description, creator; orders'
        " asc, desc",
        {},
        '[{"field": "date", "order": "desc"}]',
    ),
    "sequence": Described("kinds of sequences; all if not given", {}, ["metric"]),
    "x_axis": Described("name of the metric whose values take the place of steps", {}, "epoch"),
    "path": Described("path of the artifact in its run", {"min_length": 1}, "model.pt"),
    "skip_system": Described("leave out what the client tracked of the machine", {}, True),
    "report_progress": Described("send progress records between the others", {}, True),
    "exclude_params": Described("send no params", {}, False),
    "exclude_traces": Described("send no traces", {}, False),
    "archive": Described("false: take them out of the archive", {}, True),
    "Idempotency-Key": Described("a repeat of the same body with the same key changes nothing", {}, "my-run-0001"),
}


def described(parameter: Parameter) -> Parameter:
    """With what is known of its name; unknown ones stay as they are."""
    known = DESCRIBED.get(parameter.name)
    schema = parameter.schema
    if known is None or not isinstance(schema, Schema):
        return parameter
    bounds = dict(known.bounds)
    schema = _without_null(schema)
    if parameter.name == "sequence":
        words = Schema(type=OpenAPIType.STRING, enum=list(SEQUENCE_KINDS))
        schema = replace(schema, items=words)
    # A parameter that means something else under the same name says so itself.
    usual = parameter.description is None and known.example is not None
    example: dict[str, Example | Reference] | None = {"usual": Example(value=known.example)} if usual else None
    return replace(
        parameter,
        description=parameter.description or known.text,
        schema=replace(schema, description=None, **bounds),
        examples=example,
        # Defaults of the format, which only make the file longer.
        deprecated=False,
    )


def _without_null(schema: Schema) -> Schema:
    """A parameter that is not sent is not null: no text of a URL or of a header says so."""
    choices = [one for one in schema.one_of or () if not (isinstance(one, Schema) and one.type == OpenAPIType.NULL)]
    if len(choices) == 1 and isinstance(choices[0], Schema):
        return choices[0]
    return schema


TIMEZONE = Parameter(
    name="X-Timezone-Offset",
    param_in="header",
    description="UTC minus the caller's local time in minutes, as browsers count",
    schema=Schema(
        type=OpenAPIType.INTEGER,
        minimum=-TIMEZONE_LIMIT_MINUTES,
        maximum=TIMEZONE_LIMIT_MINUTES,
        default=0,
    ),
    examples={"usual": Example(value=-60)},
)
