"""Rows 61 to 64, 66 and 82: the one project, and the version."""

from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromQuery

from contracts.rest.catalog_reads import PinnedSequencesAnswer
from contracts.rest.project_reads import Project, ProjectActivity, Version
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
) -> dict[str, Any]:
    """Which params and sequences exist in all runs together."""
    return await project_params(reads, sequence, exclude_params=bool(exclude_params))


@get("/projects/pinned-sequences", operation_id="GetPinnedSequences", tags=["projects"])
async def get_pinned_sequences(reads: FromViews) -> PinnedSequencesAnswer:
    """The sequences that are pinned, for all users."""
    return await project.pinned_sequences(reads)


@get("/projects/status", operation_id="GetProjectStatus", tags=["projects"])
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
