"""Puts the embedded product together: the three services over one set of stores, in one app. Opens no socket."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from command_api import bootstrap as command_api
from edge.app import create_app, served
from projector import bootstrap as projector_service
from projector.bootstrap import InProcessProjector, ProjectorMetrics
from query_api import bootstrap as query_api
from standalone.admin import AdminTools, create_admin_app
from standalone.data_folder import DataFolder
from standalone.errors import Ended
from standalone.open_stores import Stores
from standalone.settings import StandaloneSettings

_LAG_SECONDS = 5.0
_PROGRESS_SECONDS = 5.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Product:
    """app: everything for TCP. admin: for the Unix socket alone. projector: follows the log until `running` ends."""

    app: Any
    admin: Any
    projector: InProcessProjector


@asynccontextmanager
async def running(
    settings: StandaloneSettings, folder: DataFolder, stores: Stores, urls: tuple[str, ...], say: Say
) -> AsyncIterator[Product]:
    """The product with its projector at work and its views as far as the log; the projector is flushed at the end.

    `say` hears how far a long catching up is. Raises what stops the projector.
    """
    metrics = ProjectorMetrics()
    projector = await projector_service.in_process(
        stores.log, stores.log, stores.documents, stores.columns, settings.runner, metrics
    )
    await projector.start()
    lag = asyncio.create_task(_watch_lag(projector, metrics), name="lag")
    try:
        await _catch_up(projector, say)
        yield Product(
            app=_app(settings, stores, projector),
            admin=create_admin_app(AdminTools(folder, stores, urls, os.getpid(), time.time())),
            projector=projector,
        )
    finally:
        lag.cancel()
        await projector.stop(grace_seconds=1.5)


def _app(settings: StandaloneSettings, stores: Stores, projector: InProcessProjector) -> Any:
    async def moved(seconds: float) -> None:
        await asyncio.wait({asyncio.ensure_future(projector.progressed.wait())}, timeout=seconds)

    async def check_projector() -> None:
        if projector.failed is not None:
            raise Ended(reason_of(projector.failed))

    commands = command_api.build(stores.log, stores.documents, progressed=moved)
    reads = query_api.build(stores.documents, stores.columns)
    return served(
        create_app(
            settings.edge,
            title="Tallybook",
            version=version("tallybook"),
            rest=[*commands.rest, *reads.rest],
            rest_only=[*commands.rest_only, *reads.rest_only],
            root=[*commands.root, *reads.root],
            dependencies={**commands.dependencies, **reads.dependencies},
            checks={
                "log": stores.log.check,
                **commands.checks,
                **reads.checks,
                "projector": check_projector,
            },
        )
    )


def reason_of(error: BaseException) -> str:
    """Why the projector ended, for a person."""
    return f"the projector stopped: {str(error) or type(error).__name__}"


async def _catch_up(projector: InProcessProjector, say: Say) -> None:
    while not await projector.caught_up(_PROGRESS_SECONDS):
        say(f"bringing the views up to date: {await projector.lag()} events to go")


async def _watch_lag(projector: InProcessProjector, metrics: ProjectorMetrics) -> None:
    while True:
        metrics.lag.set(await projector.lag())
        await asyncio.sleep(_LAG_SECONDS)
