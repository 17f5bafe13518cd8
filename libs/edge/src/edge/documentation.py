"""The OpenAPI file says what we really answer: the envelope of refusals, and a sentence for each route."""

from dataclasses import dataclass
from typing import Any

from litestar._openapi.schema_generation import SchemaCreator
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import (
    Components,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Reference,
    Schema,
)
from litestar.plugins import OpenAPISchemaPlugin, ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute
from litestar.typing import FieldDefinition
from msgspec import Raw

_REFUSAL = "Refusal"
_FRAMEWORKS_REFUSAL = "400"


def _envelope() -> Schema:
    text = Schema(type=OpenAPIType.STRING)
    detail = Schema(
        type=[OpenAPIType.STRING, OpenAPIType.OBJECT],
        description="The message; of a query's syntax error an object that says where it is.",
    )
    named = Schema(type=OpenAPIType.OBJECT, required=["code", "message"], properties={"code": text, "message": text})
    return Schema(
        type=OpenAPIType.OBJECT,
        required=["message", "detail", "error"],
        properties={"message": text, "detail": detail, "error": named},
    )


COMPONENTS = Components(
    responses={
        _REFUSAL: OpenAPIResponse(
            description="Refused, or failed", content={"application/json": OpenAPIMediaType(schema=_envelope())}
        )
    }
)
"""The envelope, to which every operation refers."""


class RawObjectSchema(OpenAPISchemaPlugin):
    """Says in the OpenAPI file that a Raw, text which no service of ours reads, is an object."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return value is Raw

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: SchemaCreator) -> Schema:
        return Schema(type=OpenAPIType.OBJECT)


@dataclass
class RefusableOperation(Operation):
    """Whatever is no success comes in the envelope; the framework describes an answer of its own."""

    def __post_init__(self) -> None:
        given = {status: answer for status, answer in (self.responses or {}).items() if status != _FRAMEWORKS_REFUSAL}
        self.responses = {**given, "default": Reference(ref=f"#/components/responses/{_REFUSAL}")}


class DocumentedRoutes(ReceiveRoutePlugin):
    """Gives each handler the operation above, and the first sentence of its docstring as summary.

    What a handler says itself stays.
    """

    def receive_route(self, route: BaseRoute) -> None:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                _document(handler)


def _document(handler: HTTPRouteHandler) -> None:
    if handler.operation_class is Operation:
        handler.operation_class = RefusableOperation
    if not handler.summary and handler.fn.__doc__:
        first, _, _ = handler.fn.__doc__.strip().partition("\n")
        handler.summary = first.partition(". ")[0].rstrip(".")
