"""The catalog's state from its documents."""

from collections.abc import AsyncIterator
from typing import TypeVar

from contracts.read_models import (
    Alias,
    App,
    Dashboard,
    Experiment,
    ExperimentNote,
    PinnedSequences,
    Report,
    Tag,
    from_document,
)
from contracts.tables import (
    ALIASES,
    APPS,
    DASHBOARDS,
    EXPERIMENT_NOTES,
    EXPERIMENTS,
    PINNED_SEQUENCES,
    REPORTS,
    SETTINGS,
    TAGS,
    Collection,
    ViewNames,
)
from projector.fold.catalog_state import CatalogState
from stores.documents.port import DocumentReader

_T = TypeVar("_T")


async def load_catalog(documents: DocumentReader, names: ViewNames) -> CatalogState:
    pinned = await documents.get(names.collection(SETTINGS), PINNED_SEQUENCES)
    return CatalogState.from_documents(
        [one async for one in _all(documents, names, EXPERIMENTS, Experiment)],
        [one async for one in _all(documents, names, TAGS, Tag)],
        [one async for one in _all(documents, names, ALIASES, Alias)],
        None if pinned is None else from_document(pinned, PinnedSequences),
        [one async for one in _all(documents, names, EXPERIMENT_NOTES, ExperimentNote)],
        [one async for one in _all(documents, names, DASHBOARDS, Dashboard)],
        [one async for one in _all(documents, names, APPS, App)],
        [one async for one in _all(documents, names, REPORTS, Report)],
    )


async def _all(
    documents: DocumentReader, names: ViewNames, collection: Collection, kind: type[_T]
) -> AsyncIterator[_T]:
    async for batch in documents.find(names.collection(collection)):
        for document in batch:
            yield from_document(document, kind)
