"""Rows 61, 62, 64, 66: the one project."""

from contracts.rest.catalog_reads import PinnedItem, PinnedSequencesAnswer
from contracts.rest.project_reads import Project, ProjectActivity
from contracts.trees import unpack
from query_api.queries.activity import activity_of
from query_api.queries.json_values import json_tree
from query_api.queries.reads import Reads

STATUS = "up-to-date"

PROJECT = Project(name="My project", path="", description="", telemetry_enabled=0, warn_index=False, warn_runs=False)


async def project_activity(reads: Reads, tz_offset_minutes: int) -> ProjectActivity:
    """tz_offset_minutes: UTC minus local time."""
    catalog = await reads.catalog()
    activity = await activity_of(reads, None, tz_offset_minutes)
    return ProjectActivity(
        num_experiments=len(catalog.experiments),
        num_runs=activity.runs,
        num_archived_runs=activity.archived,
        num_active_runs=activity.active,
        activity_map=dict(activity.hours),
    )


async def pinned_sequences(reads: Reads) -> PinnedSequencesAnswer:
    """Empty until something was pinned."""
    pinned = (await reads.catalog()).pinned
    entries = [] if pinned is None else unpack(pinned)
    return PinnedSequencesAnswer([PinnedItem(one["name"], json_tree(one["context"])) for one in entries])
