"""The errors that services agree on, and the one envelope in which every HTTP answer names them.

TallybookError
    ClientError            the caller can do something about it; nothing was written
        BadRequest  NotFound  Conflict  Forbidden  ValidationFailed  PayloadTooLarge
    Unavailable            a store or the log cannot take the call now; trying again may succeed
    InvalidEvent           this record can never be applied: dead letter
    LogMismatch            log, checkpoints or settings disagree: stop, a person must look
"""

from http import HTTPStatus
from typing import Any


class TallybookError(Exception):
    """Base of all our errors. `code` is stable and may be shown to clients."""

    code = "error"

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message


class ClientError(TallybookError):
    """detail: what stands in place of the message under `detail`. text: the same under `error.message`."""

    code = "bad_request"
    detail: Any = None
    text = ""


class BadRequest(ClientError):
    code = "bad_request"


class NotFound(ClientError):
    code = "not_found"


class Conflict(ClientError):
    code = "conflict"


class Forbidden(ClientError):
    code = "forbidden"


class ValidationFailed(ClientError):
    code = "validation_error"


class PayloadTooLarge(ClientError):
    code = "error"


class Unavailable(TallybookError):
    """`retry_after_seconds` goes into the Retry-After header."""

    code = "error"

    def __init__(self, message: str = "", retry_after_seconds: int = 1) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class InvalidEvent(TallybookError):
    code = "invalid_event"


class LogMismatch(TallybookError):
    code = "log_mismatch"


STATUS: dict[type[TallybookError], HTTPStatus] = {
    BadRequest: HTTPStatus.BAD_REQUEST,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Forbidden: HTTPStatus.FORBIDDEN,
    ValidationFailed: HTTPStatus.UNPROCESSABLE_ENTITY,
    PayloadTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ClientError: HTTPStatus.BAD_REQUEST,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    InvalidEvent: HTTPStatus.INTERNAL_SERVER_ERROR,
    LogMismatch: HTTPStatus.INTERNAL_SERVER_ERROR,
    TallybookError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The one place where an error becomes an HTTP status; the nearest base class counts."""

_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    422: "validation_error",
    500: "internal_error",
}
_MESSAGES = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    422: "Validation error",
    500: "Internal server error",
}


def status_of(error: TallybookError) -> HTTPStatus:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def error_body(status: int, message: str = "", detail: Any = None, text: str = "") -> dict[str, Any]:
    """The envelope of every 4xx and 5xx (source: the REST contract, 1.5).

    `detail` and `text` (under `error.message`) are the message unless given: the query syntax error gives an object
    and a sentence, since its message is a word that UIs look for.
    """
    message = message or _MESSAGES.get(status, HTTPStatus(status).phrase)
    return {
        "message": message,
        "detail": message if detail is None else detail,
        "error": {"code": _CODES.get(status, "error"), "message": text or message},
    }
