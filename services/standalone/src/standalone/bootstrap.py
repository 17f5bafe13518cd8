"""Puts the embedded product together: the three services over one set of stores, in one app. Opens no socket."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from msgspec.structs import replace
from prometheus_client import REGISTRY, CollectorRegistry

from command_api import bootstrap as command_api
from contracts.errors import Unavailable
from edge.app import create_app, served
from projector import bootstrap as projector_service
from projector.bootstrap import InProcessProjector, ProjectorMetrics, TooManyDeadLetters
from query_api import bootstrap as query_api
from standalone.admin import AdminTools, create_admin_app
from standalone.data_folder import DataFolder
from standalone.errors import Ended
from standalone.open_stores import Stores
from standalone.settings import StandaloneSettings

_LAG_SECONDS = 5.0
_PROGRESS_SECONDS = 5.0
_FINISH_SECONDS = 1.0
_MATYAN_BASE = "/matyan"
_TITLES = {"aim": "Aim UI", "matyan": "Matyan UI"}

Say = Callable[[str], None]


@dataclass(frozen=True)
class Product:
    """app: everything for TCP. admin: for the Unix socket alone. projector: follows the log until `running` ends.

    operators: what the command line may do. pages: where each user interface that is installed begins, by its title.
    """

    app: Any
    admin: Any
    projector: InProcessProjector
    operators: command_api.Operators
    pages: Mapping[str, str]


@asynccontextmanager
async def running(
    settings: StandaloneSettings,
    folder: DataFolder,
    stores: Stores,
    urls: tuple[str, ...],
    say: Say,
    registry: CollectorRegistry = REGISTRY,
) -> AsyncIterator[Product]:
    """The product with its projector at work and its views as far as the log; the projector is flushed at the end.

    `say` hears how far a long catching up is. Raises what stops the projector, but for TooManyDeadLetters.
    """
    metrics = ProjectorMetrics(registry)
    projector = await projector_service.in_process(
        stores.log, stores.log, stores.documents, stores.columns, settings.runner, metrics
    )
    await projector.start()
    lag = asyncio.create_task(watch_lag(projector, metrics), name="lag")
    try:
        await _catch_up(projector, say)
        interfaces = _interfaces(settings)
        commands = _commands(settings, folder, stores, projector)
        keeper = command_api.housekeeper(stores.log, stores.log, stores.documents, stores.blobs, settings.housekeeper)
        removal = projector_service.blob_removal(
            stores.log, stores.documents, stores.columns, stores.blobs, settings.effects, metrics
        )
        beside = [asyncio.ensure_future(call()) for call in (commands.keep_leases, keeper.run, removal.run)]
        try:
            yield Product(
                app=_app(settings, stores, projector, commands, interfaces, folder.reference_key().encode()),
                admin=create_admin_app(AdminTools(folder, stores, commands.operators, urls, os.getpid(), time.time())),
                projector=projector,
                operators=commands.operators,
                pages={_TITLES[ui.name]: f"{ui.base_path}/" for ui in interfaces},
            )
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await commands.finish(_FINISH_SECONDS)
    finally:
        lag.cancel()
        await projector.stop(grace_seconds=1.5)


def _interfaces(settings: StandaloneSettings) -> list[query_api.UserInterface]:
    """Those that are installed; each has a path of its own, because both name their files alike."""
    found = (query_api.find_ui("aim", settings.edge.aim_base), query_api.find_ui("matyan", _MATYAN_BASE))
    return [ui for ui in found if ui is not None]


def _commands(
    settings: StandaloneSettings, folder: DataFolder, stores: Stores, projector: InProcessProjector
) -> command_api.CommandApi:
    async def moved(seconds: float) -> None:
        waiting = asyncio.ensure_future(projector.progressed.wait())
        await asyncio.wait({waiting}, timeout=seconds)
        waiting.cancel()

    uploads = replace(settings.uploads, upload_key=settings.uploads.upload_key or folder.upload_key())
    return command_api.build(stores.log, stores.log, stores.documents, stores.blobs, uploads=uploads, progressed=moved)


def _app(
    settings: StandaloneSettings,
    stores: Stores,
    projector: InProcessProjector,
    commands: command_api.CommandApi,
    interfaces: Sequence[query_api.UserInterface],
    reference_key: bytes,
) -> Any:
    async def check_projector() -> None:
        if projector.failed is not None:
            raise Ended(reason_of(projector.failed))
        if projector.trouble is not None:
            raise Unavailable(f"the views are not written now, and follow as soon as they can be: {projector.trouble}")

    reads = query_api.build(
        stores.documents,
        stores.columns,
        stores.blobs,
        reference_key=reference_key,
        references=settings.references,
    )
    return served(
        create_app(
            settings.edge,
            title="Tallybook",
            version=version("tallybook"),
            rest=[*commands.rest, *reads.rest],
            rest_only=[*commands.rest_only, *reads.rest_only],
            root=[*commands.root, *reads.root, *(route for ui in interfaces for route in query_api.ui_routes(ui))],
            dependencies={**commands.dependencies, **reads.dependencies},
            checks={
                "log": stores.log.check,
                **commands.checks,
                **reads.checks,
                "projector": check_projector,
            },
            page=next((ui.page for ui in interfaces if not ui.base_path), None),
        )
    )


def reason_of(error: BaseException) -> str:
    """Why the projector ended, for a person."""
    return f"the projector stopped: {str(error) or type(error).__name__}"


async def followed(projector: InProcessProjector, say: Say) -> None:
    """Return or raise when the product has to end because its projector did.

    Too many invalid events stop the projector alone: what clients log is kept, and readers see what there was.
    `say` hears of it, and readiness says it until somebody looked and started the product again.
    """
    try:
        await projector.join()
    except TooManyDeadLetters as error:
        say(reason_of(error))
        await asyncio.Event().wait()


def cause_of_end(projector: InProcessProjector) -> str | None:
    """What has to end the product, for a person; None if it may go on, or was told to stop."""
    failed = projector.failed
    return None if failed is None or isinstance(failed, TooManyDeadLetters) else reason_of(failed)


async def _catch_up(projector: InProcessProjector, say: Say) -> None:
    with suppress(TooManyDeadLetters):  # whoever follows the projector hears of it, as when it happens later
        while not await projector.caught_up(_PROGRESS_SECONDS):
            say(f"bringing the views up to date: {await projector.lag()} events to go")


async def watch_lag(projector: InProcessProjector, metrics: ProjectorMetrics, seconds: float = _LAG_SECONDS) -> None:
    """Tell how far the views are behind, every so many seconds, until it is cancelled."""
    while True:
        with suppress(Unavailable):  # the projector reads the same log, and tells of its trouble
            metrics.lag.set(await projector.lag())
        await asyncio.sleep(seconds)
