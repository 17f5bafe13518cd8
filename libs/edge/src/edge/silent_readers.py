"""HTTP/1.1 that breaks off with a client who takes nothing more of an answer.

What was read for an answer is kept while it is sent: a client that is alive but never reads would keep it for ever.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_PATIENCE_SECONDS = 60.0
"""A page that is busy reads on within seconds. The system's buffers hide what a client takes of its next megabyte."""


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's own protocol, which tells the app that the client has left when the connection is broken."""

    patience_seconds = _PATIENCE_SECONDS
    """How long nothing of an answer may be taken while more than the transport's 64 KiB wait for it."""

    _looking: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._look_later()

    def resume_writing(self) -> None:
        self._look_no_more()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._look_no_more()
        super().connection_lost(exc)

    def _look_later(self) -> None:
        waiting = self.transport.get_write_buffer_size()
        self._looking = self.loop.call_later(self.patience_seconds, self._look, waiting)

    def _look(self, waited: int) -> None:
        """waited: bytes a while ago. However little a slow client has taken since, it reads."""
        if self.transport.get_write_buffer_size() < waited:
            self._look_later()
        else:
            self.transport.abort()

    def _look_no_more(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
