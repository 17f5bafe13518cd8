"""Rows 41 and 44: experiments, in creation order."""

from contracts.errors import NotFound
from contracts.read_models import Experiment
from contracts.rest.catalog_reads import ExperimentItem
from query_api.queries.reads import Reads
from query_api.queries.run_counts import runs_by_experiment, runs_of_experiment


async def list_experiments(reads: Reads) -> list[ExperimentItem]:
    """Archived ones included."""
    catalog = await reads.catalog()
    counts = await runs_by_experiment(reads, catalog)
    return [_item(experiment, counts[experiment.id]) for experiment in catalog.experiments.values()]


async def get_experiment(reads: Reads, experiment_id: str) -> ExperimentItem:
    """Raises NotFound."""
    catalog = await reads.catalog()
    experiment = catalog.experiment(experiment_id)
    if experiment is None:
        raise NotFound
    return _item(experiment, await runs_of_experiment(reads, catalog, experiment.id))


def _item(experiment: Experiment, run_count: int) -> ExperimentItem:
    return ExperimentItem(
        id=experiment.id,
        name=experiment.name,
        description=experiment.description or None,
        run_count=run_count,
        archived=experiment.archived,
        creation_time=experiment.created_at,
    )
