"""Rows 41, 44, 54, 57: experiments and tags."""

from litestar import get

from contracts.rest.catalog_reads import ExperimentItem, TagItem
from query_api.queries import experiments, tags
from query_api.queries.reads import Reads


@get("/experiments", operation_id="experiments", tags=["experiments"])
async def list_experiments(reads: Reads) -> list[ExperimentItem]:
    """All experiments in creation order, archived ones included."""
    return await experiments.list_experiments(reads)


@get("/experiments/{experiment_id:str}", operation_id="experiment", tags=["experiments"])
async def get_experiment(reads: Reads, experiment_id: str) -> ExperimentItem:
    return await experiments.get_experiment(reads, experiment_id)


@get("/tags", operation_id="tags", tags=["tags"])
async def list_tags(reads: Reads) -> list[TagItem]:
    """All tags in creation order, archived ones included."""
    return await tags.list_tags(reads)


@get("/tags/{tag_id:str}", operation_id="tag", tags=["tags"])
async def get_tag(reads: Reads, tag_id: str) -> TagItem:
    return await tags.get_tag(reads, tag_id)


HANDLERS = (list_experiments, get_experiment, list_tags, get_tag)
