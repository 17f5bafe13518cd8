"""Rows 41, 44, 54, 57: experiments and tags."""

from litestar import get
from litestar.params import FromPath

from contracts.rest.catalog_reads import ExperimentItem, TagItem
from query_api.http.dependencies import FromViews
from query_api.queries import experiments, tags


@get("/experiments", operation_id="ListExperiments", tags=["experiments"])
async def list_experiments(reads: FromViews) -> list[ExperimentItem]:
    """All experiments in creation order, archived ones included."""
    return await experiments.list_experiments(reads)


@get("/experiments/{experiment_id:str}", operation_id="GetExperiment", tags=["experiments"])
async def get_experiment(reads: FromViews, experiment_id: FromPath[str]) -> ExperimentItem:
    """One experiment."""
    return await experiments.get_experiment(reads, experiment_id)


@get("/tags", operation_id="ListTags", tags=["tags"])
async def list_tags(reads: FromViews) -> list[TagItem]:
    """All tags in creation order, archived ones included."""
    return await tags.list_tags(reads)


@get("/tags/{tag_id:str}", operation_id="GetTag", tags=["tags"])
async def get_tag(reads: FromViews, tag_id: FromPath[str]) -> TagItem:
    """One tag."""
    return await tags.get_tag(reads, tag_id)


HANDLERS = (list_experiments, get_experiment, list_tags, get_tag)
