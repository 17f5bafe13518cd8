"""Errors become answers in one place: the envelope of the REST contract, 1.5."""

import logging
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, SerializationException, ValidationException
from litestar.types import ExceptionHandlersMap

from contracts.errors import ClientError, TallybookError, Unavailable, error_body, status_of

_log = logging.getLogger(__name__)

AnyRequest = Request[Any, Any, Any]
Body = Response[dict[str, Any]]


def _answer(status: int, message: str, headers: dict[str, str] | None = None) -> Body:
    return _enveloped(status, error_body(status, message), headers)


def _enveloped(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> Body:
    return Response(body, status_code=status, media_type="application/json", headers=headers)


def _ours(_: AnyRequest, error: TallybookError) -> Body:
    status = int(status_of(error))
    if isinstance(error, Unavailable):
        return _answer(status, error.message, headers={"Retry-After": str(error.retry_after_seconds)})
    if status >= 500:
        # Our own bug or a mismatch of log and views: the text is for the log, never for the client.
        _log.error("request failed", exc_info=error)
        return _answer(500, "")
    if isinstance(error, ClientError):
        return _enveloped(status, error_body(status, error.message, error.detail, error.text))
    return _answer(status, error.message)


def _validation(_: AnyRequest, error: ValidationException) -> Body:
    """Wrong types of parameters and bodies are 422 (the framework's own status for them is 400)."""
    extra = error.extra if isinstance(error.extra, list) else []
    texts = [_text(item) for item in extra]
    return _answer(422, "; ".join(texts) or error.detail)


def _text(item: dict[str, Any]) -> str:
    key, message = item.get("key"), item["message"]
    if key == "data" and message == "'data'":
        # The framework's words for a body that is missing.
        return "The request needs a body"
    return f"{key}: {message}" if key else str(message)


def _http(_: AnyRequest, error: HTTPException) -> Body:
    if error.status_code == 400 and isinstance(error.__cause__, SerializationException | msgspec.MsgspecError):
        return _answer(422, error.detail)
    message = "" if error.status_code in {404, 405} else error.detail
    return _answer(error.status_code, message, headers=dict(error.headers) if error.headers else None)


def _unknown(_: AnyRequest, error: Exception) -> Body:
    _log.error("request failed", exc_info=error)
    return _answer(500, "")


HANDLERS: ExceptionHandlersMap = {
    TallybookError: _ours,
    ValidationException: _validation,
    HTTPException: _http,
    Exception: _unknown,
}
