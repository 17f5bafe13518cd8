"""When runs began and how they stand: the counts of rows 48 and 62."""

from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime

from contracts.read_models import RunDocument
from query_api.queries.reads import Reads
from stores.documents.port import Where

_SECONDS_PER_MINUTE = 60


@dataclass
class Activity:
    """hours: runs by the hour in which they began, `YYYY-MM-DDTHH:00:00` of the caller's zone."""

    runs: int = 0
    archived: int = 0
    active: int = 0
    hours: Counter[str] = field(default_factory=Counter)


async def activity_of(reads: Reads, where: Where | None, tz_offset_minutes: int) -> Activity:
    """Of all runs for which `where` holds. tz_offset_minutes: UTC minus local time."""
    activity = Activity()
    async with aclosing(reads.runs.newest_first(where)) as batches:
        async for runs in batches:
            activity.runs += len(runs)
            activity.archived += sum(run.archived for run in runs)
            activity.active += sum(run.active for run in runs)
            activity.hours.update(_local_hour(run, tz_offset_minutes) for run in runs)
    return activity


def _local_hour(run: RunDocument, tz_offset_minutes: int) -> str:
    local = run.created_at - tz_offset_minutes * _SECONDS_PER_MINUTE
    return datetime.fromtimestamp(local, UTC).strftime("%Y-%m-%dT%H:00:00")
