"""The thread of Faust's consumer, made so that nothing waits for it without end when its broker is away.

Faust has no setting for either: nobody can end the thread while it waits for its broker, and of a thread that was
ended by a cancellation (aiokafka lets one out when it is closed between two tries) it never learns.
"""

import asyncio
from contextlib import suppress
from typing import Any

import structlog
from mode.threads import WorkerThread

_log = structlog.get_logger(__name__)


class ConsumerThread(WorkerThread):
    """Ends with the process, and always tells that it ended."""

    def __init__(self, service: Any) -> None:
        super().__init__(service)
        self.daemon = True

    def run(self) -> None:
        try:
            super().run()
        except asyncio.CancelledError:
            _log.warning("the consumer was closed while it tried to reach its broker")
        finally:
            with suppress(RuntimeError):  # the loop that waits is closed when the process ends before this thread
                self.service.set_shutdown()
