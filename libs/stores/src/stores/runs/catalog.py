"""The catalog of experiments and tags, held in memory and reloaded when the history knows of a newer catalog event."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from contracts import tables
from contracts.read_models import Alias, Experiment, PinnedSequences, Tag, from_document
from contracts.tables import Collection, ViewNames
from contracts.topics import CATALOG, CATALOG_KEY
from stores.documents.port import AllOf, Condition, DocumentReader

_T = TypeVar("_T")
_OF_CATALOG = AllOf((Condition("key", "eq", CATALOG_KEY), Condition("topic", "eq", CATALOG)))
"""The topic too: a run may have the catalog's key as its id."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """One moment of the catalog; experiments and tags in creation order. Never changed after it was made."""

    experiments: dict[str, Experiment] = field(default_factory=dict)
    tags: dict[str, Tag] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    pinned: bytes | None = None
    """Packed list of the pinned sequences, None if nothing was ever pinned."""
    version: int = -1
    """Every event of the catalog up to this version has had its effect here, maybe later ones too; -1 for none."""

    def experiment(self, experiment_id: str | None) -> Experiment | None:
        """The experiment of an id as an event gave it: aliases are followed, an unknown id is None."""
        return self.experiments.get(self.resolve(experiment_id)) if experiment_id is not None else None

    def tag(self, tag_id: str) -> Tag | None:
        """As `experiment`, of a tag; archived ones included."""
        return self.tags.get(self.resolve(tag_id))

    def experiment_named(self, name: str) -> Experiment | None:
        return next((e for e in self.experiments.values() if e.name == name), None)

    def tag_named(self, name: str) -> Tag | None:
        return next((t for t in self.tags.values() if t.name == name), None)

    def tags_of(self, tag_ids: Iterable[str]) -> list[Tag]:
        """The tags that exist, each once, archived ones included, by name."""
        known = {resolved for resolved in map(self.resolve, tag_ids) if resolved in self.tags}
        return sorted((self.tags[tag_id] for tag_id in known), key=lambda tag: tag.name)

    def resolve(self, entity_id: str) -> str:
        """The id itself, or the one that it is an alias of."""
        return self.aliases.get(entity_id, entity_id)


class CatalogReader:
    """Gives the catalog of a view as of now. One per process; many requests may ask at once."""

    def __init__(self, documents: DocumentReader) -> None:
        self._documents = documents
        self._loading = asyncio.Lock()
        self._loaded: tuple[str, int] | None = None
        self._catalog = Catalog()

    async def current(self, names: ViewNames) -> Catalog:
        """The catalog as of the newest catalog event that the history shows, or later.

        The checkpoint would not do: where documents are written one by one it moves last, and a caller who was told
        the outcome of its mutation by the history must find the mutation here.
        """
        wanted = (names.view, await self._newest(names))
        if self._loaded == wanted:
            return self._catalog
        async with self._loading:
            if self._loaded != wanted:
                # The history follows the documents it tells of, so they are of that moment or later, never earlier.
                self._catalog = await _load(self._documents, names, wanted[1])
                self._loaded = wanted
            return self._catalog

    async def _newest(self, names: ViewNames) -> int:
        """Version of the newest catalog event in the history, -1 if there is none."""
        history = names.collection(tables.HISTORY)
        newest = self._documents.find(history, _OF_CATALOG, sort=(("_v", -1),), limit=1)
        return next((int(document["_v"]) for batch in [batch async for batch in newest] for document in batch), -1)


async def _load(documents: DocumentReader, names: ViewNames, version: int) -> Catalog:
    experiments = await _all(documents, names, tables.EXPERIMENTS, Experiment)
    tags = await _all(documents, names, tables.TAGS, Tag)
    aliases = await _all(documents, names, tables.ALIASES, Alias)
    pinned = await documents.get(names.collection(tables.SETTINGS), tables.PINNED_SEQUENCES)
    return Catalog(
        experiments={e.id: e for e in sorted(experiments, key=lambda e: (e.created_at, e.position))},
        tags={t.id: t for t in sorted(tags, key=lambda t: t.position)},
        aliases={a.id: a.target for a in aliases},
        pinned=None if pinned is None else from_document(pinned, PinnedSequences).packed,
        version=version,
    )


async def _all(documents: DocumentReader, names: ViewNames, collection: Collection, kind: type[_T]) -> list[_T]:
    return [
        from_document(document, kind)
        async for batch in documents.find(names.collection(collection))
        for document in batch
    ]
