"""An answer of a server, and the notation in which vectors write bodies down."""

import base64
import gzip
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.aimcodec.arrays import is_numeric_array, read_numeric_array
from contracts.aimcodec.reader import items

_LONG_PROGRESS_KEY = re.compile(r"(progress_\d+_)[\d-]+")


@dataclass(frozen=True)
class Answer:
    """headers: lower-case names. aborted: the connection broke before the body's end."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    aborted: bool = False

    @classmethod
    def recorded(cls, response: Mapping[str, Any]) -> "Answer":
        """The answer that a vector holds."""
        body = base64.b64decode(response["body_base64"])
        return cls(response["status"], body, response["headers"], response.get("aborted", False))

    def plain_body(self) -> bytes:
        """The body without its compression (of gzip only; clients mostly undo it and drop the header)."""
        return gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body


def decode(answer: Answer, kind: str) -> dict[str, Any]:
    """A body as vectors note it: `{"kind": "json" | "text", "value"}` or `{"kind": "stream", "items"}`.

    Bytes are `{"__bytes__": base64}`, doubles of a numeric array `{"__float64__": [...]}`, a NaN or infinity is
    `{"__float__": name}` (its name alone among doubles), an object keyed by integers is `{"__int_keys__": {...}}`.
    Fillers of progress keys become `*`.
    """
    body = answer.plain_body()
    if kind == "json":
        return {"kind": "json", "value": json.loads(body)}
    if kind == "text":
        return {"kind": "text", "value": body.decode()}
    return {"kind": "stream", "items": [[_noted_key(key), noted(tree)] for key, tree in items(body)]}


def noted(tree: Any) -> Any:
    """One decoded tree in the notation of `decode`."""
    if isinstance(tree, bytes):
        return {"__bytes__": base64.b64encode(tree).decode()}
    if isinstance(tree, float) and not math.isfinite(tree):
        return {"__float__": _float_name(tree)}
    if isinstance(tree, list):
        return [noted(element) for element in tree]
    if not isinstance(tree, dict):
        return tree
    if is_numeric_array(tree):
        numbers = [
            number if math.isfinite(number) else _float_name(number) for number in read_numeric_array(tree).tolist()
        ]
        return {**tree, "blob": {"__float64__": numbers}}
    members = {str(key): noted(value) for key, value in tree.items()}
    return {"__int_keys__": members} if members and all(isinstance(key, int) for key in tree) else members


def _float_name(number: float) -> str:
    return "nan" if math.isnan(number) else "inf" if number > 0 else "-inf"


def _noted_key(key: str | int) -> str | int:
    found = _LONG_PROGRESS_KEY.fullmatch(key) if isinstance(key, str) else None
    return f"{found[1]}*" if found else key
