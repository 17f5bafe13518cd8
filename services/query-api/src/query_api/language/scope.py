"""The names that a query can use, and what each of them is."""

import builtins
from collections.abc import Mapping
from typing import Any, Final, Literal

from query_api.language.interpreter.dates import DATETIME, TIMEDELTA
from query_api.language.interpreter.functions import FUNCTIONS, TYPES
from query_api.language.interpreter.modules import MATH, STRING

QueryKind = Literal["run", "metric", "images", "texts", "audios", "figures", "distributions"]
"""The endpoint; in a sequence search also the name of the variable."""

RUN_NAME: Final = "run"

GLOBALS: Final[Mapping[str, Any]] = {
    **FUNCTIONS,
    **TYPES,
    "datetime": DATETIME,
    "timedelta": TIMEDELTA,
    "math": MATH,
    "string": STRING,
}

_EXCEPTIONS: Final = frozenset(
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
)
UNSUPPORTED: Final = _EXCEPTIONS | {"id", "random"}
"""Names that exist in the reference but would show its internals or give another answer each time."""


def sequence_name(kind: QueryKind) -> str | None:
    """The variable of the sequence, None in a run search."""
    return None if kind == "run" else kind


def is_known(name: str, kind: QueryKind) -> bool:
    """Whether a name that the query does not bind itself has a value."""
    return name == RUN_NAME or name == sequence_name(kind) or name in GLOBALS
