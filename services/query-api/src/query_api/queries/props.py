"""The props of a run, the same in every answer that has them (REST contract, 2)."""

from contracts.read_models import RunDocument
from contracts.rest.run_reads import ExperimentRef, Props, TagRef
from stores.runs.catalog import Catalog

_NO_EXPERIMENT = ExperimentRef(None, None, None)


def props_of(run: RunDocument, catalog: Catalog) -> Props:
    """Names come from the catalog: ids that it does not know, and archived tags, are left out."""
    experiment = catalog.experiment(run.experiment_id)
    return Props(
        name=run.name or None,
        description=run.description or None,
        experiment=_NO_EXPERIMENT
        if experiment is None
        else ExperimentRef(experiment.id, experiment.name, experiment.description or None),
        tags=[
            TagRef(tag.id, tag.name, tag.color or None, tag.description or None)
            for tag in catalog.tags_of(run.tag_ids)
            if not tag.archived
        ],
        creation_time=run.created_at,
        end_time=None if run.active else run.ended_at,
        archived=run.archived,
        active=run.active,
    )
