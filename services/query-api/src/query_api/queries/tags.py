"""Rows 54, 55, 57 and 60: tags, in creation order, and the runs of one."""

from contextlib import aclosing

from contracts.errors import NotFound
from contracts.read_models import RunDocument, Tag
from contracts.rest.catalog_reads import TaggedRun, TaggedRuns, TagItem
from query_api.queries.name_search import is_named
from query_api.queries.reads import Reads
from query_api.queries.run_counts import runs_by_tag, runs_of_tag, with_tag
from stores.runs.catalog import Catalog


async def list_tags(reads: Reads) -> list[TagItem]:
    """Archived ones included: the UIs split the list themselves."""
    return await search_tags(reads, "")


async def search_tags(reads: Reads, text: str) -> list[TagItem]:
    """Those with the text in their name, whatever its case; archived ones included."""
    catalog = await reads.catalog()
    counts = await runs_by_tag(reads, catalog)
    return [_item(tag, counts[tag.id]) for tag in catalog.tags.values() if is_named(tag.name, text)]


async def get_tag(reads: Reads, tag_id: str) -> TagItem:
    """Raises NotFound."""
    catalog = await reads.catalog()
    tag = _known_tag(catalog, tag_id)
    return _item(tag, await runs_of_tag(reads, catalog, tag.id))


async def tag_runs(reads: Reads, tag_id: str) -> TaggedRuns:
    """Newest first, archived ones included. Raises NotFound."""
    catalog = await reads.catalog()
    tag = _known_tag(catalog, tag_id)
    found: list[TaggedRun] = []
    async with aclosing(reads.runs.newest_first(with_tag(catalog, tag.id))) as batches:
        async for runs in batches:
            found += [_run(run, catalog) for run in runs]
    return TaggedRuns(tag.id, found)


def _known_tag(catalog: Catalog, tag_id: str) -> Tag:
    tag = catalog.tag(tag_id)
    if tag is None:
        raise NotFound
    return tag


def _run(run: RunDocument, catalog: Catalog) -> TaggedRun:
    experiment = catalog.experiment(run.experiment_id)
    return TaggedRun(
        run_id=run.id,
        name=run.name,
        experiment=None if experiment is None else experiment.name,
        creation_time=run.created_at,
        end_time=None if run.active else run.ended_at,
    )


def _item(tag: Tag, run_count: int) -> TagItem:
    return TagItem(
        id=tag.id,
        name=tag.name,
        color=tag.color or None,
        description=tag.description or None,
        run_count=run_count,
        archived=tag.archived,
    )
