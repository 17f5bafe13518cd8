"""The life of the server's process: takes folder and ports, opens, catches up, serves, stops in good order."""

import asyncio
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
import uvloop

from edge.interpreter import spare_collector, take_short_turns
from edge.long_addresses import LongAddresses
from standalone.data_folder import DataFolder
from standalone.errors import Ended, Refused
from standalone.listeners import tcp_socket, unix_socket
from standalone.settings import StandaloneSettings

_DRAIN_SECONDS = 2
_STOP_SECONDS = 4.8
"""When everything has to be over after the first signal; what is not done then is done again at the next start."""


_OnPages = Callable[[Mapping[str, str]], None]


@dataclass(frozen=True)
class Ready:
    """What there is to tell once the server answers. urls: of both ports, without a slash at the end.

    pages: paths of the user interfaces by their title.
    """

    urls: tuple[str, ...]
    pages: Mapping[str, str]
    data: Path
    seconds: float


def serve(settings: StandaloneSettings, on_ready: Callable[[Ready], None], say: Callable[[str], None]) -> None:
    """Run until SIGTERM or SIGINT. Raises Refused if nothing could be started, Ended if the server ended by itself."""
    started = time.monotonic()
    if settings.port == settings.ingest_port != 0:
        raise Refused(f"--port and --ingest-port are both {settings.port}: name two different ports")
    folder = DataFolder.at(settings.data)
    folder.make()
    with ExitStack() as stack:
        stack.enter_context(folder.owned())
        public = [
            stack.enter_context(tcp_socket(settings.host, settings.port, "--port")),
            stack.enter_context(tcp_socket(settings.host, settings.ingest_port, "--ingest-port")),
        ]
        private = stack.enter_context(unix_socket(folder.socket))
        life = _Life(settings, folder, public, private, say)
        take_short_turns()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(
                life.live(
                    lambda pages: on_ready(Ready(life.urls, pages, folder.root, time.monotonic() - started)),
                )
            )


class _Life:
    def __init__(
        self,
        settings: StandaloneSettings,
        folder: DataFolder,
        public: list[socket.socket],
        private: socket.socket,
        say: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._public = public
        self._private = private
        self.urls = tuple(_url(settings.host, bound) for bound in public)
        self._say = say
        self._stopping = asyncio.Event()
        self._starting: asyncio.Task[None] | None = None

    async def live(self, on_ready: _OnPages) -> None:
        self._starting = asyncio.current_task()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        try:
            await self._open_and_serve(on_ready)
        except asyncio.CancelledError:
            if not self._stopping.is_set():
                raise

    def _stop(self) -> None:
        """The first signal ends everything in good order, the second at once: what was acknowledged is on the disk."""
        if self._stopping.is_set():
            os._exit(1)
        self._stopping.set()
        watch = threading.Timer(_STOP_SECONDS, _give_up)
        watch.daemon = True
        watch.start()
        if self._starting is not None:
            self._starting.cancel()

    async def _open_and_serve(self, on_ready: _OnPages) -> None:
        from standalone.open_stores import open_stores

        async with open_stores(self._folder, warm=True) as stores:
            from standalone.bootstrap import cause_of_end, followed, running

            async with running(self._settings, self._folder, stores, self.urls, self._say) as product:
                following = followed(product.projector, self._say)
                await self._serve(product.app, product.admin, following, lambda: on_ready(product.pages))
                if (cause := cause_of_end(product.projector)) is not None:
                    raise Ended(cause)

    async def _serve(self, app: Any, admin: Any, projector: Any, on_ready: Callable[[], None]) -> None:
        """Until a signal, or until the projector or a server ends by itself."""
        servers = [_Server(self._config(app)), _Server(self._config(admin))]
        serving = [
            asyncio.create_task(servers[0].serve(self._public)),
            asyncio.create_task(servers[1].serve([self._private])),
        ]
        following = asyncio.create_task(projector)
        up = asyncio.create_task(_all_up(servers))
        stopped = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({*serving, up}, return_when=asyncio.FIRST_COMPLETED)
            if up.done():
                self._starting = None
                spare_collector()
                on_ready()
                await asyncio.wait({*serving, following, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for server in servers:
                server.should_exit = True
            for task in (up, stopped, following):
                task.cancel()
            await asyncio.gather(up, stopped, following, return_exceptions=True)
            await asyncio.gather(*serving)

    def _config(self, app: Any) -> uvicorn.Config:
        return uvicorn.Config(
            app,
            http=LongAddresses,
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=_DRAIN_SECONDS,
            **self._settings.connections.server_options,
        )


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: two of them share this process. `up` is set when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


async def _all_up(servers: Iterable[_Server]) -> None:
    for server in servers:
        await server.up.wait()


def _url(host: str, bound: socket.socket) -> str:
    """As a person on this machine would type it."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - compared
    return f"http://{shown}:{bound.getsockname()[1]}"


def _give_up() -> None:
    sys.stderr.write(f"tallybook: did not come to its end within {_STOP_SECONDS} s: ended as it stood\n")
    sys.stderr.flush()
    os._exit(1)
