"""Rows 61 to 64, 66 and 82: the one project, and the version."""

from dataclasses import dataclass
from typing import cast

import msgspec
from litestar import Response, get
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Schema
from litestar.params import FromQuery

from contracts.rest.catalog_reads import PinnedSequencesAnswer
from contracts.rest.project_reads import Project, ProjectActivity, ProjectParams, Version
from edge.documentation import RefusableOperation
from edge.parameters import Flag
from query_api.http.dependencies import FromTimezone, FromViews
from query_api.queries import project
from query_api.queries.project_params import project_params
from query_api.queries.version import read_version

_NO = Flag(False)


@get("/projects", operation_id="GetProject", tags=["projects"])
async def get_project() -> Project:
    """The one project.

    Pages ask for it before anything else: it needs no store.
    """
    return project.PROJECT


@get("/projects/activity", operation_id="GetProjectActivity", tags=["projects"])
async def get_activity(reads: FromViews, timezone: FromTimezone) -> ProjectActivity:
    """Counts of runs, and how many began in which hour of the caller's zone."""
    return await project.project_activity(reads, timezone)


@get("/projects/params", operation_id="GetProjectParams", tags=["projects"])
async def get_params(
    reads: FromViews, sequence: FromQuery[list[str] | None] = None, exclude_params: FromQuery[Flag] = _NO
) -> ProjectParams:
    """Which params and sequences exist in all runs together."""
    return cast("ProjectParams", await project_params(reads, sequence, exclude_params=bool(exclude_params)))


@get("/projects/pinned-sequences", operation_id="GetPinnedSequences", tags=["projects"])
async def get_pinned_sequences(reads: FromViews) -> PinnedSequencesAnswer:
    """The sequences that are pinned, for all users."""
    return await project.pinned_sequences(reads)


@dataclass
class _StatusOperation(RefusableOperation):
    """The handler's own type is bytes, see there."""

    def __post_init__(self) -> None:
        text = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING), example=project.STATUS)
        content = {"application/json": text}
        self.responses = {**(self.responses or {}), "200": OpenAPIResponse(description="A JSON text", content=content)}
        super().__post_init__()


@get("/projects/status", operation_id="GetProjectStatus", tags=["projects"], operation_class=_StatusOperation)
async def get_status() -> Response[bytes]:
    """State of the project's index, which is always up to date here.

    A JSON text, which the framework would send without its quotes.
    """
    return Response(msgspec.json.encode(project.STATUS), media_type="application/json")


@get("/version", operation_id="GetVersion", tags=["operations"])
async def get_version() -> Version:
    """Version of this service."""
    return read_version()


HANDLERS = (get_project, get_activity, get_params, get_pinned_sequences, get_status)
REST_ONLY = (get_version,)
