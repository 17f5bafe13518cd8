"""`tallybook-command-api`: take mutations and ingestion until told to stop."""

import asyncio
import os
import signal
import sys
from typing import Any, Never

import uvicorn

from command_api.cluster import cluster_app, keep_house
from command_api.errors import SettingsError
from command_api.settings import CommandApiSettings
from contracts.errors import LogMismatch, Unavailable

_CANNOT_START = 2
_WEBSOCKET_BYTES = 64 << 20


def main() -> None:
    """`tallybook-command-api` serves, `tallybook-command-api housekeeper` does what time does; one of those is enough.

    Settings come from the environment. Exits with 2 and the reason if it cannot start."""
    try:
        settings = CommandApiSettings.from_environment(os.environ)
        # The server raises a signal again once it has ended, which by default kills us before the stores are closed.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _end)
        loops = uvicorn.Config("", loop="uvloop").get_loop_factory()
        with asyncio.Runner(loop_factory=loops) as runner:
            runner.run(keep_house(settings) if sys.argv[1:] == ["housekeeper"] else _serve(settings))
    except (SettingsError, Unavailable, LogMismatch) as error:
        sys.stderr.write(f"tallybook-command-api: {error}\n")
        sys.exit(_CANNOT_START)


def _end(*_: Any) -> Never:
    sys.exit(0)


async def _serve(settings: CommandApiSettings) -> None:
    async with cluster_app(settings) as app:
        await uvicorn.Server(server_config(app, settings)).serve()


def server_config(app: Any, settings: CommandApiSettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.listen.command_host,
        port=settings.listen.command_port,
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=_WEBSOCKET_BYTES,
        ws_per_message_deflate=False,
        lifespan="on",
        timeout_graceful_shutdown=settings.listen.stop_seconds,
    )
