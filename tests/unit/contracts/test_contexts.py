"""How large a context may be."""

from typing import Any

import pytest

from contracts.contexts import MAX_CONTEXT_BYTES, check_context, clean_context
from contracts.errors import ValidationFailed
from contracts.trees import MAX_DEPTH, canonical_json


def _nested(levels: int) -> dict[str, Any]:
    """The context itself is the first level."""
    inner: Any = 1
    for _ in range(levels - 1):
        inner = [inner]
    return {"a": inner}


def _of_bytes(size: int) -> dict[str, str]:
    return {"a": "x" * (size - len(canonical_json({"a": ""})))}


@pytest.mark.parametrize(
    "context", [{}, {"subset": "train"}, _nested(MAX_DEPTH), _of_bytes(MAX_CONTEXT_BYTES), {"a": 1 << 100}]
)
def test_a_context_up_to_the_bounds_passes(context: dict[str, Any]) -> None:
    check_context(context)
    assert clean_context(context) == (context, canonical_json(context))


@pytest.mark.parametrize(
    ("context", "text"),
    [
        (_nested(MAX_DEPTH + 1), "nested deeper than 64 levels"),
        (_of_bytes(MAX_CONTEXT_BYTES + 1), "a context may not be larger than 8192 bytes"),
        ({"ä": "ä" * 4_100}, "a context may not be larger than 8192 bytes"),
    ],
)
def test_a_larger_context_is_refused(context: dict[str, Any], text: str) -> None:
    for check in (check_context, clean_context):
        with pytest.raises(ValidationFailed, match=text):
            check(context)
