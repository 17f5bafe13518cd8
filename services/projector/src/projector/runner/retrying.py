"""Trying again while a store or the log is away; every other error goes up at once."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from contracts.errors import Unavailable

_T = TypeVar("_T")
_log = structlog.get_logger(__name__)


class BackOff(msgspec.Struct, frozen=True, kw_only=True):
    """The wait after a failure grows from the first to the longest, with some chance in it."""

    first_seconds: float = 0.1
    longest_seconds: float = 5.0


class Patience:
    """Repeats a call until it no longer raises Unavailable, however long that takes; ends by cancelling."""

    def __init__(self, back_off: BackOff, on_retry: Callable[[], None] = lambda: None) -> None:
        self._back_off = back_off
        self._on_retry = on_retry
        self.trouble: str | None = None
        """Why the call that is being repeated failed; None as soon as one succeeds."""

    async def insist(self, call: Callable[[], Awaitable[_T]]) -> _T:
        """`call` must bear being repeated after it failed half-way."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(Unavailable),
            wait=wait_random_exponential(multiplier=self._back_off.first_seconds, max=self._back_off.longest_seconds),
            before_sleep=self._before_sleep,
            reraise=True,
        )

        async def attempt() -> _T:
            return await call()

        result: _T = await retrying(attempt)
        self.trouble = None
        return result

    def _before_sleep(self, state: RetryCallState) -> None:
        self._on_retry()
        error = state.outcome.exception() if state.outcome is not None else None
        self.trouble = str(error)
        _log.warning("unavailable, trying again", attempt=state.attempt_number, error=self.trouble)
