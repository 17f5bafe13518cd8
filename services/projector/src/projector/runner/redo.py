"""What makes the catalog's documents bear a crash between two of them.

The catalog's state is its documents: with only some of a commit's documents written, the same events would be decided
anew in another way (a name is taken by the very event that took it). So the commit's first document holds all others of
the catalog; if a crash left it ahead of the checkpoint, the commit is finished before anything is read. The states of
runs need none of this: they are documents of their own, written last.
"""

from collections.abc import Iterable, Sequence

import msgspec

from contracts.position import TopicPartition
from contracts.tables import Collection, ViewNames
from contracts.topics import CATALOG
from projector.projections.removed import Removed
from stores.documents.port import Checkpoint, Document, Documents, Put, Remove, Write

Change = tuple[Collection, Document | Removed]
"""What becomes of one document."""

CATALOG_REDO = Collection("catalog_redo")

_ID = "catalog"
_NONE = msgspec.msgpack.encode([])  # of a commit that was interrupted before commits could remove anything
_OFFSET_MASK = (1 << 48) - 1
_CATALOG_PARTITION = TopicPartition(CATALOG, 0)


def put_redo(names: ViewNames, version: int, changes: Sequence[Change]) -> Put:
    """`version`: of the last catalog event whose effect the changes are."""
    documents = [(collection.name, one) for collection, one in changes if not isinstance(one, Removed)]
    removed = [(collection.name, one) for collection, one in changes if isinstance(one, Removed)]
    content = {"documents": msgspec.msgpack.encode(documents), "removed": msgspec.msgpack.encode(removed)}
    return Put(names.collection(CATALOG_REDO), {"_id": _ID, "_v": version, **content})


def writes_of(names: ViewNames, changes: Iterable[Change]) -> list[Write]:
    """In the order given."""
    return [_write(names, collection, one) for collection, one in changes]


def _write(names: ViewNames, collection: Collection, one: Document | Removed) -> Write:
    stored = names.collection(collection)
    return Remove(stored, one.id, one.version) if isinstance(one, Removed) else Put(stored, one)


async def finish_interrupted(documents: Documents, names: ViewNames) -> None:
    """Write what a crash left unwritten of the catalog's last commit; nothing to do is the usual case."""
    redo = await documents.get(names.collection(CATALOG_REDO), _ID)
    if redo is None:
        return
    generation, offset = redo["_v"] >> 48, redo["_v"] & _OFFSET_MASK
    stored = (await documents.checkpoints(names.view)).get(_CATALOG_PARTITION)
    if stored is not None and (stored.generation, stored.offset) >= (generation, offset):
        return
    await documents.commit(
        writes_of(names, _changes(redo)), [Checkpoint(names.view, generation, *_CATALOG_PARTITION, offset)]
    )


def _changes(redo: Document) -> list[Change]:
    """Removals first: the history, which is among the documents, must not be ahead of what it tells of."""
    removed = msgspec.msgpack.decode(redo.get("removed", _NONE), type=list[tuple[str, Removed]])
    pairs: list[tuple[str, Document]] = msgspec.msgpack.decode(redo["documents"])
    changes: list[tuple[str, Document | Removed]] = [*removed, *pairs]
    return [(Collection(name), one) for name, one in changes]
