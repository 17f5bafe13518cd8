"""What makes the catalog's documents bear a crash between two of them.

The catalog's state is its documents: with only some of a commit's documents written, the same events would be decided
anew in another way (a name is taken by the very event that took it). So the commit's first document holds all others of
the catalog; if a crash left it ahead of the checkpoint, the commit is finished before anything is read. The states of
runs need none of this: they are documents of their own, written last.
"""

from collections.abc import Sequence

import msgspec

from contracts.position import TopicPartition
from contracts.tables import Collection, ViewNames
from contracts.topics import CATALOG
from stores.documents.port import Checkpoint, Document, Documents, Put

CATALOG_REDO = Collection("catalog_redo")

_ID = "catalog"
_OFFSET_MASK = (1 << 48) - 1
_CATALOG_PARTITION = TopicPartition(CATALOG, 0)


def put_redo(names: ViewNames, version: int, documents: Sequence[tuple[Collection, Document]]) -> Put:
    """`version`: of the last catalog event whose effect the documents hold."""
    packed = msgspec.msgpack.encode([(collection.name, document) for collection, document in documents])
    return Put(names.collection(CATALOG_REDO), {"_id": _ID, "_v": version, "documents": packed})


async def finish_interrupted(documents: Documents, names: ViewNames) -> None:
    """Write what a crash left unwritten of the catalog's last commit; nothing to do is the usual case."""
    redo = await documents.get(names.collection(CATALOG_REDO), _ID)
    if redo is None:
        return
    generation, offset = redo["_v"] >> 48, redo["_v"] & _OFFSET_MASK
    stored = (await documents.checkpoints(names.view)).get(_CATALOG_PARTITION)
    if stored is not None and (stored.generation, stored.offset) >= (generation, offset):
        return
    pairs: list[tuple[str, Document]] = msgspec.msgpack.decode(redo["documents"])
    writes = [Put(names.collection(Collection(name)), document) for name, document in pairs]
    await documents.commit(writes, [Checkpoint(names.view, generation, *_CATALOG_PARTITION, offset)])
