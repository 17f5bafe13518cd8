"""Read models as documents: plain objects, as the documents port takes and gives them."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

_Model = TypeVar("_Model")


def to_document(model: msgspec.Struct) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(model, builtin_types=(bytes,))
    return document


def from_document(document: Mapping[str, Any], kind: type[_Model]) -> _Model:
    """The inverse of `to_document`. Raises msgspec.ValidationError for a document that is none of this kind."""
    return msgspec.convert(document, kind, builtin_types=(bytes,))
