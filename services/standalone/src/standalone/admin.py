"""What operators ask a running server, over its Unix socket alone."""

import time
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from litestar import Litestar, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, SkipValidation

from command_api.bootstrap import Operators, RunPurging, RunRestored, Trash
from edge.failures import HANDLERS
from standalone.data_folder import DataFolder
from standalone.open_stores import Stores
from standalone.reports import (
    LogStatus,
    ServerStatus,
    ViewsDropped,
    ViewsStatus,
    drop_left_over,
    log_status,
    views_status,
)


@dataclass(frozen=True)
class AdminTools:
    """started: seconds UTC."""

    folder: DataFolder
    stores: Stores
    operators: Operators
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


@post("/views/drop", status_code=200)
async def drop_views(tools: FromApp) -> ViewsDropped:
    return await drop_left_over(tools.stores.documents, tools.stores.columns)


@get("/log")
async def log(tools: FromApp) -> LogStatus:
    return await log_status(tools.stores.log, tools.folder)


@get("/trash")
async def trash(tools: FromApp) -> Trash:
    return await tools.operators.trash()


@post("/runs/{run_id:str}/purge", status_code=200)
async def purge(tools: FromApp, run_id: FromPath[str]) -> RunPurging:
    return await tools.operators.purge(run_id)


@post("/runs/{run_id:str}/undelete", status_code=200)
async def undelete(tools: FromApp, run_id: FromPath[str]) -> RunRestored:
    return await tools.operators.undelete(run_id)


def create_admin_app(tools: AdminTools) -> Any:
    return Litestar(
        route_handlers=[status, views, drop_views, log, trash, purge, undelete],
        dependencies={"tools": Provide(lambda: tools, sync_to_thread=False)},
        exception_handlers=HANDLERS,
        openapi_config=None,
        logging_config=None,
    )
