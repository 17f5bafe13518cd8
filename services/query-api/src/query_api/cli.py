"""`tallybook-query-api`: serve the reads until told to stop."""

import asyncio
import os
import signal
import sys
from typing import Any

import uvicorn

from contracts.errors import Unavailable
from edge.interpreter import spare_collector
from edge.long_addresses import LongAddresses
from query_api.cluster import cluster_app
from query_api.errors import SettingsError
from query_api.settings import QueryApiSettings

_CANNOT_START = 2


def main() -> None:
    """Settings come from the environment. Exits with 2 and one line if it cannot start."""
    try:
        settings = QueryApiSettings.from_environment(os.environ)
        loops = uvicorn.Config("", loop="uvloop").get_loop_factory()
        with asyncio.Runner(loop_factory=loops) as runner:
            runner.run(_serve(settings))
    except (SettingsError, Unavailable) as error:
        sys.stderr.write(f"tallybook-query-api: {error}\n")
        sys.exit(_CANNOT_START)


async def _serve(settings: QueryApiSettings) -> None:
    async with cluster_app(settings) as app:
        # The server raises the signal that stopped it once more when it is done; the stores are still to be closed.
        for stop in (signal.SIGINT, signal.SIGTERM):
            signal.signal(stop, _already_stopping)
        spare_collector()
        await uvicorn.Server(_config(app, settings)).serve()


def _already_stopping(*_: object) -> None:
    return


def _config(app: Any, settings: QueryApiSettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=LongAddresses,
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=settings.stop_seconds,
    )
