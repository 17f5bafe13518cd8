"""How many runs an experiment or a tag has; deleted runs count for nothing, archived ones count."""

from collections import Counter
from collections.abc import Iterable
from contextlib import aclosing

from query_api.queries.reads import Reads
from stores.documents.port import AnyOf, Condition, Where
from stores.runs.catalog import Catalog


async def runs_of_experiment(reads: Reads, catalog: Catalog, experiment_id: str) -> int:
    return await reads.runs.count(of_experiment(catalog, experiment_id))


async def runs_of_tag(reads: Reads, catalog: Catalog, tag_id: str) -> int:
    return await reads.runs.count(with_tag(catalog, tag_id))


async def runs_by_tag(reads: Reads, catalog: Catalog) -> Counter[str]:
    """By id of the tag, for all tags at once."""
    counts: Counter[str] = Counter()
    if not catalog.tags:
        return counts
    async with aclosing(reads.runs.newest_first()) as batches:
        async for runs in batches:
            for run in runs:
                counts.update({catalog.resolve(tag_id) for tag_id in run.tag_ids})
    return counts


async def runs_by_experiment(reads: Reads, catalog: Catalog, experiment_ids: Iterable[str]) -> dict[str, int]:
    """By id of the experiment, for each of these."""
    return {one: await runs_of_experiment(reads, catalog, one) for one in experiment_ids}


def of_experiment(catalog: Catalog, experiment_id: str) -> Where:
    """The runs of an experiment."""
    return Condition("experiment_id", "in", _ids(catalog, experiment_id))


def with_tag(catalog: Catalog, tag_id: str) -> Where:
    """The runs that have a tag."""
    return AnyOf(tuple(Condition("tag_ids", "contains", one) for one in _ids(catalog, tag_id)))


def _ids(catalog: Catalog, entity_id: str) -> list[str]:
    """The id and all that stand for it."""
    return [entity_id, *(alias for alias, target in catalog.aliases.items() if target == entity_id)]
