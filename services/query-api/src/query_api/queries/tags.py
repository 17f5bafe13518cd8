"""Rows 54 and 57: tags, in creation order."""

from contracts.errors import NotFound
from contracts.read_models import Tag
from contracts.rest.catalog_reads import TagItem
from query_api.queries.reads import Reads
from query_api.queries.run_counts import runs_by_tag, runs_of_tag


async def list_tags(reads: Reads) -> list[TagItem]:
    """Archived ones included: the UIs split the list themselves."""
    catalog = await reads.catalog()
    counts = await runs_by_tag(reads, catalog)
    return [_item(tag, counts[tag.id]) for tag in catalog.tags.values()]


async def get_tag(reads: Reads, tag_id: str) -> TagItem:
    """Raises NotFound."""
    catalog = await reads.catalog()
    tag = catalog.tags.get(catalog.resolve(tag_id))
    if tag is None:
        raise NotFound
    return _item(tag, await runs_of_tag(reads, catalog, tag.id))


def _item(tag: Tag, run_count: int) -> TagItem:
    return TagItem(
        id=tag.id,
        name=tag.name,
        color=tag.color or None,
        description=tag.description or None,
        run_count=run_count,
        archived=tag.archived,
    )
