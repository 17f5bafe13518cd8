"""What operators ask a running server, over its Unix socket alone."""

import time
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from litestar import Litestar, get
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from edge.failures import HANDLERS
from standalone.data_folder import DataFolder
from standalone.open_stores import Stores
from standalone.reports import LogStatus, ServerStatus, ViewsStatus, log_status, views_status


@dataclass(frozen=True)
class AdminTools:
    """started: seconds UTC."""

    folder: DataFolder
    stores: Stores
    urls: tuple[str, ...]
    pid: int
    started: float


FromApp = NamedDependency[SkipValidation[AdminTools]]


@get("/status")
async def status(tools: FromApp) -> ServerStatus:
    return ServerStatus(
        version=version("tallybook"),
        pid=tools.pid,
        data=str(tools.folder.root),
        urls=tools.urls,
        up_seconds=time.time() - tools.started,
    )


@get("/views")
async def views(tools: FromApp) -> ViewsStatus:
    return await views_status(tools.stores.log, tools.stores.documents, tools.stores.columns)


@get("/log")
async def log(tools: FromApp) -> LogStatus:
    return await log_status(tools.stores.log, tools.folder)


def create_admin_app(tools: AdminTools) -> Any:
    return Litestar(
        route_handlers=[status, views, log],
        dependencies={"tools": Provide(lambda: tools, sync_to_thread=False)},
        exception_handlers=HANDLERS,
        openapi_config=None,
        logging_config=None,
    )
