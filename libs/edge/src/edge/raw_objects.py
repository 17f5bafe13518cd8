"""JSON objects that pass through us as the text that came: `msgspec.Raw` in bodies."""

from typing import Any

from litestar._openapi.schema_generation import SchemaCreator
from litestar.openapi.spec import OpenAPIType, Schema
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition
from msgspec import Raw


class RawObjectSchema(OpenAPISchemaPlugin):
    """Says in the OpenAPI file that a Raw is an object; whoever takes one checks that it is."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return value is Raw

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: SchemaCreator) -> Schema:
        return Schema(type=OpenAPIType.OBJECT)
