"""`datetime` and `timedelta`. The zone of the server is UTC, and its clock is the one that the caller passes."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from query_api.language.errors import EvaluationError, QueryRejected
from query_api.language.interpreter.callables import Arguments, Keywords, QueryFunction, QueryType, native
from query_api.language.interpreter.frames import Frame
from query_api.language.objects import naive_utc
from query_api.language.values import plain


def _now(frame: Frame, arguments: Arguments, keywords: Keywords) -> datetime:
    if arguments or keywords:
        raise QueryRejected("datetime.now with a time zone is not supported.")
    return naive_utc(frame.run.environment.now)


def _from_timestamp(frame: Frame, arguments: Arguments, keywords: Keywords) -> datetime:
    if keywords or len(arguments) != 1:
        raise QueryRejected("datetime.fromtimestamp with a time zone is not supported.")
    return naive_utc(plain(arguments[0]))


def _parse(frame: Frame, arguments: Arguments, keywords: Keywords) -> Any:
    raise EvaluationError("strptime needs an import that the reference blocks")


DATETIME: Final = QueryType(
    "datetime",
    datetime,
    native("datetime", datetime).call,
    {
        "now": QueryFunction("now", _now),
        "today": QueryFunction("today", _now),
        "utcnow": QueryFunction("utcnow", _now),
        "fromtimestamp": QueryFunction("fromtimestamp", _from_timestamp),
        "utcfromtimestamp": QueryFunction("utcfromtimestamp", _from_timestamp),
        "fromisoformat": native("fromisoformat", datetime.fromisoformat),
        "fromordinal": native("fromordinal", datetime.fromordinal),
        "combine": native("combine", datetime.combine),
        "strptime": QueryFunction("strptime", _parse),
        # Naive like every time of a query.
        "min": datetime.min.replace(tzinfo=UTC).replace(tzinfo=None),
        "max": datetime.max.replace(tzinfo=UTC).replace(tzinfo=None),
        "resolution": datetime.resolution,
    },
)

TIMEDELTA: Final = QueryType(
    "timedelta",
    timedelta,
    native("timedelta", timedelta).call,
    {"min": timedelta.min, "max": timedelta.max, "resolution": timedelta.resolution},
)
