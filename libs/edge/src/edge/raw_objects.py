"""JSON objects that pass through us as the text that came: `msgspec.Raw` in bodies."""

from typing import Any

from litestar._openapi.schema_generation import SchemaCreator
from litestar.openapi.spec import OpenAPIType, Schema
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition
from msgspec import Meta, Raw


class RawObjectSchema(OpenAPISchemaPlugin):
    """Says in the OpenAPI file that a Raw is an object; whoever takes one checks that it is.

    A field that may be null as well says so by a `type` in the extra JSON schema of its `msgspec.Meta`.
    """

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return value is Raw

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: SchemaCreator) -> Schema:
        said = [one.extra_json_schema for one in field_definition.metadata if isinstance(one, Meta)]
        if not said or said[0] is None:
            return Schema(type=OpenAPIType.OBJECT)
        return Schema(type=[OpenAPIType(kind) for kind in said[0]["type"]])
