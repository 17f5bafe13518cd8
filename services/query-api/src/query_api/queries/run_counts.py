"""How many runs an experiment or a tag has; deleted runs count for nothing, archived ones count."""

from collections import Counter
from contextlib import aclosing

from query_api.queries.reads import Reads
from stores.documents.port import AnyOf, Condition
from stores.runs.catalog import Catalog


async def runs_of_experiment(reads: Reads, catalog: Catalog, experiment_id: str) -> int:
    return await reads.runs.count(Condition("experiment_id", "in", _ids(catalog, experiment_id)))


async def runs_of_tag(reads: Reads, catalog: Catalog, tag_id: str) -> int:
    conditions = tuple(Condition("tag_ids", "contains", one) for one in _ids(catalog, tag_id))
    return await reads.runs.count(AnyOf(conditions))


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


async def runs_by_experiment(reads: Reads, catalog: Catalog) -> Counter[str]:
    """By id of the experiment, for all of them."""
    return Counter({one: await runs_of_experiment(reads, catalog, one) for one in catalog.experiments})


def _ids(catalog: Catalog, entity_id: str) -> list[str]:
    """The id and all that stand for it."""
    return [entity_id, *(alias for alias, target in catalog.aliases.items() if target == entity_id)]
