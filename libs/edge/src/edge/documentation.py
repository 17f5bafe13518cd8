"""The OpenAPI file says what we really answer: which refusals, which headers, and an example of every JSON body."""

from dataclasses import dataclass, field, replace
from types import NoneType
from typing import Any, ClassVar

import msgspec
from litestar import MediaType, Response, Router
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
)
from litestar.plugins import ReceiveRoutePlugin
from litestar.response.base import ASGIResponse
from litestar.routes import BaseRoute, HTTPRoute

from contracts.routes import AIM_PREFIX, REST_PREFIX
from edge.described_parameters import TIMEZONE, described
from edge.examples import example_of
from edge.refusals import REQUEST_ID, RESPONSES, references, refusals_of

_JSON = "application/json"
_FRAMEWORKS_REFUSAL = "400"

_DESCRIPTION = f"""\
Everything below `{REST_PREFIX}` is answered below `{AIM_PREFIX}` too, except the version and uploads. Both forms of a
path, with a slash at its end and without, are one. HEAD is answered wherever GET is.

What is no success comes in one envelope: `message` for people, `detail`, `error.code` for programs. A method that a
path does not have is 405, our own failure is 500; both come in the envelope too. Nothing is written by a refused call.

Answers of `application/octet-stream` are streams of records, `u32le length of key | key | u32le length of value |
value`, with nothing before, between and after them. A key is a path through one tree: its parts are texts (UTF-8,
closed by the byte FE) or integers (FE, 8 bytes big-endian, FE). A value is a byte that names its type, and its
content: 00 null, 01 boolean, 02 integer (8 bytes little-endian), 03 float (the same), 04 text, 05 bytes, 06 an array
begins, 07 an empty object. `progress_<n>` holds `[checked, total]` and is no result. A stream that fails half-way is
broken off; one that ends between two records is complete.
"""

POSITION = "X-Tallybook-Position"
VISIBLE = "X-Tallybook-Visible"

_POSITION_GIVEN = Parameter(
    name=POSITION,
    param_in="header",
    description="token of an earlier answer to a command: the read waits until it sees what that wrote, 2 s at most",
    schema=Schema(type=OpenAPIType.STRING),
)
_WRITTEN: dict[str, OpenAPIHeader | Reference] = {
    POSITION: OpenAPIHeader(
        schema=Schema(type=OpenAPIType.STRING), description="token of what was written; not there if nothing was"
    ),
    VISIBLE: OpenAPIHeader(
        schema=Schema(type=OpenAPIType.STRING, enum=["false"]),
        description="there if what was written is durable but reads do not show it yet",
    ),
}


class _FileAlone(JsonRenderPlugin):
    """Without the framework's page for what is not there: that is answered as it is elsewhere."""

    def receive_router(self, router: Router) -> None:
        router.routes = [route for route in router.routes if "{" not in route.path]


def openapi(title: str, version: str) -> OpenAPIConfig:
    """JSON at `/schema`. The framework's pages would load scripts of strangers."""
    return OpenAPIConfig(
        title=title,
        version=version,
        description=_DESCRIPTION,
        path="/schema",
        use_handler_docstrings=True,
        components=Components(responses=RESPONSES),
        render_plugins=[_FileAlone(path=("/openapi.json", "/"), media_type=MediaType.JSON)],
    )


@dataclass(frozen=True)
class Facts:
    """What a handler's signature tells of its operation. Examples are None where there is no JSON."""

    refusals: frozenset[int] = frozenset()
    sent: Any = None
    answered: Any = None
    reads: bool = False
    writes: bool = False
    timezone: bool = False


@dataclass
class RefusableOperation(Operation):
    """Whatever is no success comes in the envelope; the framework describes an answer of its own."""

    facts: ClassVar[Facts] = Facts()

    def __post_init__(self) -> None:
        given = {status: answer for status, answer in (self.responses or {}).items() if status != _FRAMEWORKS_REFUSAL}
        self.responses = {
            **{status: self._answer(status, answer) for status, answer in given.items()},
            **{status: answer for status, answer in references(self.facts.refusals).items() if status not in given},
        }
        if isinstance(self.request_body, RequestBody) and self.facts.sent is not None:
            content = self.request_body.content
            content[_JSON] = replace(content[_JSON], example=self.facts.sent)
        self.parameters = self._parameters() or None

    def _answer(self, status: str, answer: OpenAPIResponse | Reference) -> OpenAPIResponse | Reference:
        if isinstance(answer, Reference):
            return answer
        headers = {**(answer.headers or {}), "X-Request-Id": REQUEST_ID}
        if self.facts.writes and status.startswith("2"):
            headers |= _WRITTEN
        # The framework gives "no content" the content null.
        content = {} if status == "204" else dict(answer.content or {})
        if status.startswith("2") and _JSON in content and self.facts.answered is not None:
            content[_JSON] = replace(content[_JSON], example=self.facts.answered)
        return replace(answer, headers=headers, content=content or None)

    def _parameters(self) -> list[Parameter | Reference]:
        found = [described(one) if isinstance(one, Parameter) else one for one in self.parameters or ()]
        if self.facts.timezone:
            found.append(TIMEZONE)
        if self.facts.reads:
            found.append(_POSITION_GIVEN)
        return found


@dataclass
class GivenSchema(Schema):
    """A schema that is written already: the framework knows only what handlers declare."""

    given: dict[str, Any] = field(default_factory=dict)

    def to_schema(self) -> dict[str, Any]:
        return self.given


def schema_of(*kinds: Any) -> GivenSchema:
    """Of values of one of these types, whole, without references."""
    found, components = msgspec.json.schema_components(kinds, ref_template=_REF + "{name}")
    whole = [_dereferenced(one, components) for one in found]
    return GivenSchema(given=whole[0] if len(whole) == 1 else {"oneOf": whole})


_REF = "ref:"


def _dereferenced(value: Any, components: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_dereferenced(one, components) for one in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return _dereferenced(components[value["$ref"].removeprefix(_REF)], components)
    return {key: _dereferenced(one, components) for key, one in value.items()}


def bytes_of(media_type: str, description: str) -> OpenAPIResponse:
    """An answer that is no JSON."""
    content = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, content_media_type=media_type))
    return OpenAPIResponse(description=description, content={media_type: content})


class DocumentedRoutes(ReceiveRoutePlugin):
    """Gives each handler the operation above, and the first sentence of its docstring as summary.

    What a handler says itself stays.
    """

    def receive_route(self, route: BaseRoute) -> None:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if handler.resolve_include_in_schema():
                    _document(handler)


def _document(handler: HTTPRouteHandler) -> None:
    base = RefusableOperation if handler.operation_class is Operation else handler.operation_class
    if issubclass(base, RefusableOperation) and base.facts == Facts():
        handler.operation_class = type(base.__name__, (base,), {"facts": _facts(handler)})
    if not handler.summary and handler.fn.__doc__:
        first, _, _ = handler.fn.__doc__.strip().partition("\n")
        handler.summary = first.partition(". ")[0].rstrip(".")


def _facts(handler: HTTPRouteHandler) -> Facts:
    parameters = handler.parsed_fn_signature.parameters
    body = parameters.get("data")
    return Facts(
        refusals=refusals_of(handler),
        sent=None if body is None else example_of(body.annotation),
        answered=_answered(handler),
        reads="reads" in parameters,
        writes="commands" in parameters,
        timezone="timezone" in parameters,
    )


def _answered(handler: HTTPRouteHandler) -> Any:
    """An example of the body, None where it is none of JSON."""
    kind = handler.parsed_fn_signature.return_type
    if kind.is_subclass_of(ASGIResponse):
        return None
    if kind.is_subclass_of(Response):
        if not kind.inner_types:
            return None
        kind = kind.inner_types[0]
    return None if kind.annotation in (NoneType, bytes) else example_of(kind.annotation)
