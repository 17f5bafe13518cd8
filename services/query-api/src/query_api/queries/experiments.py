"""Rows 41, 42, 44, 47 and 48: experiments, in creation order, and the runs of one."""

from contextlib import aclosing

from contracts.errors import BadRequest, NotFound
from contracts.read_models import Experiment, RunDocument
from contracts.rest.catalog_reads import ExperimentActivity, ExperimentItem, ExperimentRun, ExperimentRuns
from query_api.queries.activity import activity_of
from query_api.queries.name_search import is_named
from query_api.queries.reads import Reads
from query_api.queries.run_counts import of_experiment, runs_by_experiment, runs_of_experiment
from stores.documents.port import Where
from stores.runs.catalog import Catalog
from stores.runs.reader import Place

_BATCH = 200


async def list_experiments(reads: Reads) -> list[ExperimentItem]:
    """Archived ones included."""
    return await search_experiments(reads, "")


async def search_experiments(reads: Reads, text: str) -> list[ExperimentItem]:
    """Those with the text in their name, whatever its case; archived ones included."""
    catalog = await reads.catalog()
    found = [experiment for experiment in catalog.experiments.values() if is_named(experiment.name, text)]
    counts = await runs_by_experiment(reads, catalog, [experiment.id for experiment in found])
    return [_item(experiment, counts[experiment.id]) for experiment in found]


async def get_experiment(reads: Reads, experiment_id: str) -> ExperimentItem:
    """Raises NotFound."""
    catalog = await reads.catalog()
    experiment = known_experiment(catalog, experiment_id)
    return _item(experiment, await runs_of_experiment(reads, catalog, experiment.id))


async def experiment_runs(reads: Reads, experiment_id: str, limit: int, offset: str) -> ExperimentRuns:
    """Newest first, archived ones included. limit: 0 for all. offset: the run after which the page begins, or empty.

    An offset that no run ever had means the beginning; one of a run that was deleted meanwhile still has its place.
    Raises NotFound, and BadRequest for a negative limit.
    """
    if limit < 0:
        raise BadRequest("The limit must not be negative.")
    catalog = await reads.catalog()
    experiment = known_experiment(catalog, experiment_id)
    before = await reads.runs.find_deleted_too(offset) if offset else None
    after = None if before is None else Place(before.created_at, before.id)
    runs = await _page(reads, of_experiment(catalog, experiment.id), limit, after)
    return ExperimentRuns(experiment.id, [_run(run) for run in runs])


async def experiment_activity(reads: Reads, experiment_id: str, tz_offset_minutes: int) -> ExperimentActivity:
    """tz_offset_minutes: UTC minus local time. Raises NotFound."""
    catalog = await reads.catalog()
    experiment = known_experiment(catalog, experiment_id)
    activity = await activity_of(reads, of_experiment(catalog, experiment.id), tz_offset_minutes)
    return ExperimentActivity(
        num_runs=activity.runs,
        num_archived_runs=activity.archived,
        num_active_runs=activity.active,
        activity_map=dict(activity.hours),
    )


def known_experiment(catalog: Catalog, experiment_id: str) -> Experiment:
    """By its id or an alias. Raises NotFound."""
    experiment = catalog.experiment(experiment_id)
    if experiment is None:
        raise NotFound
    return experiment


async def _page(reads: Reads, where: Where, limit: int, after: Place | None) -> list[RunDocument]:
    found: list[RunDocument] = []
    batch = min(limit, _BATCH) if limit else _BATCH
    async with aclosing(reads.runs.newest_first(where, after=after, batch=batch)) as batches:
        async for runs in batches:
            found += runs
            if 0 < limit <= len(found):
                return found[:limit]
    return found


def _run(run: RunDocument) -> ExperimentRun:
    return ExperimentRun(
        run_id=run.id,
        name=run.name,
        creation_time=run.created_at,
        end_time=None if run.active else run.ended_at,
        archived=run.archived,
    )


def _item(experiment: Experiment, run_count: int) -> ExperimentItem:
    return ExperimentItem(
        id=experiment.id,
        name=experiment.name,
        description=experiment.description or None,
        run_count=run_count,
        archived=experiment.archived,
        creation_time=experiment.created_at,
    )
