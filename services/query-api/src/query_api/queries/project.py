"""Rows 61, 62, 64, 66: the one project."""

from collections import Counter
from contextlib import aclosing
from datetime import UTC, datetime

from contracts.read_models import RunDocument
from contracts.rest.catalog_reads import PinnedItem, PinnedSequencesAnswer
from contracts.rest.project_reads import Project, ProjectActivity
from contracts.trees import unpack
from query_api.queries.json_values import json_tree
from query_api.queries.reads import Reads

_SECONDS_PER_MINUTE = 60
STATUS = "up-to-date"

PROJECT = Project(name="My project", path="", description="", telemetry_enabled=0, warn_index=False, warn_runs=False)


async def project_activity(reads: Reads, tz_offset_minutes: int) -> ProjectActivity:
    """tz_offset_minutes: UTC minus local time."""
    catalog = await reads.catalog()
    total = archived = active = 0
    hours: Counter[str] = Counter()
    async with aclosing(reads.runs.newest_first()) as batches:
        async for runs in batches:
            total += len(runs)
            archived += sum(run.archived for run in runs)
            active += sum(run.active for run in runs)
            hours.update(_local_hour(run, tz_offset_minutes) for run in runs)
    return ProjectActivity(
        num_experiments=len(catalog.experiments),
        num_runs=total,
        num_archived_runs=archived,
        num_active_runs=active,
        activity_map=dict(hours),
    )


def _local_hour(run: RunDocument, tz_offset_minutes: int) -> str:
    local = run.created_at - tz_offset_minutes * _SECONDS_PER_MINUTE
    return datetime.fromtimestamp(local, UTC).strftime("%Y-%m-%dT%H:00:00")


async def pinned_sequences(reads: Reads) -> PinnedSequencesAnswer:
    """Empty until something was pinned."""
    pinned = (await reads.catalog()).pinned
    entries = [] if pinned is None else unpack(pinned)
    return PinnedSequencesAnswer([PinnedItem(one["name"], json_tree(one["context"])) for one in entries])
