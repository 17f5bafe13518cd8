"""Work that would hold up the event loop, in a few threads of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_T = TypeVar("_T")

_AT_ONCE = 2
"""A body of 64 MiB may take half a gigabyte while it is translated, and threads share one interpreter anyway."""


class ThreadsBesideLoop:
    """Not the loop's own threads: those serve stores, which must not wait behind a big request."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_AT_ONCE, "command-translation")

    async def __call__(self, call: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)
