"""The refusals of the REST contract (1.5) as the OpenAPI file describes them, and which an operation answers."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import (
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Reference,
    Schema,
)

from contracts.errors import error_body

_ALSO, _NEVER = "also_refused", "never_refused"
_STORES = frozenset({"reads", "commands", "matyan"})
"""Dependencies behind which there is a store that may be away."""

_TOLD: Mapping[int, tuple[str, str, str]] = {
    400: ("BadRequest", "A value that no request may have, or a name that is taken", "Invalid range format"),
    403: ("Forbidden", "A page of an origin that may not change anything here, or a permit that is none", ""),
    404: ("NotFound", "The path names what is not there, or not any more", "Run not found."),
    409: ("Conflict", "What is there does not allow it now", ""),
    413: ("TooLarge", "The body is larger than is taken", ""),
    422: ("Invalid", "A body or a parameter of a wrong type, or none where one is needed", "name: Expected `str`"),
    503: ("Unavailable", "A store cannot take the call now; nothing was written", ""),
}
"""Status to name, description and a message."""


def also(*statuses: int) -> dict[str, Any]:
    """Handler option: refusals that its form does not show."""
    return {_ALSO: statuses}


def never(*statuses: int) -> dict[str, Any]:
    """Handler option: refusals that its form promises wrongly."""
    return {_NEVER: statuses}


def refusals_of(handler: HTTPRouteHandler) -> frozenset[int]:
    """Statuses of the envelopes that the handler can answer with.

    Everything may be 400, since a Host header can be none. 405 and 500 belong to no operation.
    """
    parameters = handler.parsed_fn_signature.parameters
    statuses = {400}
    if _STORES & set(parameters):
        statuses.add(503)
    if any("{" in path for path in handler.paths):
        statuses.add(404)
    if _takes_values(handler):
        statuses.add(422)
    if not handler.http_methods & {"GET", "HEAD"}:
        statuses |= {403, 413}
    return frozenset(statuses.union(handler.opt.get(_ALSO, ())).difference(handler.opt.get(_NEVER, ())))


def _takes_values(handler: HTTPRouteHandler) -> bool:
    """A body or the zone, or parameters of the query that are more than text."""
    parameters = handler.parsed_fn_signature.parameters
    if {"data", "timezone"} & set(parameters):
        return True
    in_path = {part[1:-1].partition(":")[0] for path in handler.paths for part in path.split("/") if part[:1] == "{"}
    given = (one for name, one in parameters.items() if name not in in_path and not one.is_di_field)
    return any(one.annotation is not str and name_of(one.annotation) != "Request" for one in given)


def name_of(annotation: Any) -> str:
    return getattr(annotation, "__name__", "")


def references(statuses: Iterable[int]) -> dict[str, Reference]:
    """Responses of an operation by status; all lead to `RESPONSES`."""
    return {str(status): Reference(ref=f"#/components/responses/{_TOLD[status][0]}") for status in sorted(statuses)}


def _response(status: int) -> OpenAPIResponse:
    _, description, message = _TOLD[status]
    example = error_body(status, message)
    content = OpenAPIMediaType(schema=_envelope(status, example["error"]["code"]), example=example)
    return OpenAPIResponse(description=description, headers=_headers(status), content={"application/json": content})


def _headers(status: int) -> dict[str, OpenAPIHeader | Reference]:
    headers: dict[str, OpenAPIHeader | Reference] = {"X-Request-Id": REQUEST_ID}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = OpenAPIHeader(
            schema=Schema(type=OpenAPIType.INTEGER, minimum=0), required=True, description="seconds"
        )
    return headers


def _envelope(status: int, code: str) -> Schema:
    text = Schema(type=OpenAPIType.STRING)
    detail = text
    if status == HTTPStatus.BAD_REQUEST:
        # Of a text with a null character nothing is known but that it is none.
        place = Schema(type=[OpenAPIType.INTEGER, OpenAPIType.NULL])
        where: dict[str, Reference | Schema] = {
            "name": text,
            "statement": Schema(type=[OpenAPIType.STRING, OpenAPIType.NULL]),
            "line": place,
            "offset": place,
            "end_offset": Schema(type=OpenAPIType.INTEGER),
        }
        error = Schema(
            type=OpenAPIType.OBJECT,
            required=sorted(where),
            properties=where,
            description="Of a query's syntax error, whose message is `SyntaxError`: where it is in `(` + query + `)`.",
        )
        detail = Schema(one_of=[text, error])
    named = Schema(
        type=OpenAPIType.OBJECT,
        required=["code", "message"],
        properties={"code": Schema(const=code), "message": text},
    )
    return Schema(
        type=OpenAPIType.OBJECT,
        required=["message", "detail", "error"],
        properties={"message": text, "detail": detail, "error": named},
    )


REQUEST_ID = OpenAPIHeader(
    schema=Schema(type=OpenAPIType.STRING), required=True, description="the caller's if it sent one, else a new one"
)
RESPONSES: dict[str, OpenAPIResponse | Reference] = {_TOLD[status][0]: _response(status) for status in _TOLD}
"""Components to which operations refer."""
