"""Contexts, which tell series of one name apart: how large one may be, wherever a client gives one."""

from collections.abc import Mapping
from typing import Any

import msgspec

from contracts.errors import ValidationFailed
from contracts.trees import MAX_DEPTH, canonical_json, clean_tree

MAX_CONTEXT_BYTES = 8 << 10
"""A context's canonical JSON."""

_SURELY_SMALL_BYTES = 2 * MAX_DEPTH
"""Deeper nesting has more brackets, whose other halves have their place here too."""


def clean_context(context: Mapping[Any, Any]) -> tuple[dict[str, Any], str]:
    """A copy as `clean_tree` makes it, and its canonical text.

    Raises ValidationFailed for one that is too large, or that has text and integers as keys of one object.
    """
    cleaned = clean_tree(context)
    try:
        canonical = canonical_json(cleaned)
    except TypeError:
        raise ValidationFailed("an object in a context may have either text or integers as keys") from None
    if len(canonical.encode()) > MAX_CONTEXT_BYTES:
        raise ValidationFailed(f"a context may not be larger than {MAX_CONTEXT_BYTES} bytes")
    return cleaned, canonical


def check_context(context: Mapping[str, Any]) -> None:
    """Raises ValidationFailed as `clean_context`; what came as JSON needs no cleaning.

    A request may name a hundred thousand, nearly all of them small.
    """
    if context and len(msgspec.json.encode(context)) > _SURELY_SMALL_BYTES:
        clean_context(context)
