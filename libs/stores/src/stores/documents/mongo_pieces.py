"""Documents larger than MongoDB takes, which is 16 MB: their largest fields lie in pieces in a collection beside.

The document keeps all its other fields, so that it is found as any other, and names its pieces. These are written
before it and taken away after it, and carry its version: a crash leaves pieces that no document names, never a document
that lacks some. Such pieces go with the next write of the same document.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import ASCENDING
from pymongo.asynchronous.database import AsyncDatabase

from stores.documents.port import Document, Put, Remove, Write

LARGEST_BYTES = 12 << 20
"""Of a document as it is stored. Room is left for what the server counts in and a compatible one counts otherwise."""

_PIECE_BYTES = 4 << 20
_COLLECTION = "pieces"
_NAMES_PIECES = "_pieces"
_STAYING = ("_id", "_v")
_IDS_PER_QUERY = 1_000

IN_PIECES: dict[str, Any] = {_NAMES_PIECES: {"$exists": True}}
"""The filter for documents that are in pieces."""


def taken_apart(collection: str, document: Document) -> tuple[Mapping[str, Any], list[Document]]:
    """What is stored of a document, encoded already if that is all of it, and its pieces. Changes nothing."""
    whole = bson.encode(document)
    if len(whole) <= LARGEST_BYTES:
        return RawBSONDocument(whole), []
    sizes = {field: len(bson.encode({field: value})) for field, value in document.items() if field not in _STAYING}
    stored, moved, size = dict(document), dict[str, Any](), len(whole)
    for field in sorted(sizes, key=lambda field: sizes[field], reverse=True):
        if size <= LARGEST_BYTES:
            break
        moved[field] = stored.pop(field)
        size -= sizes[field]
    content = bson.encode(moved)
    owner, version = _owner(collection, document["_id"]), document["_v"]
    # With the content's hash: another release may make another document of the same events.
    name = f"{owner}/{version}/{blake2b(content, digest_size=16).hexdigest()}"
    ids = [f"{name}/{number}" for number in range(-(-len(content) // _PIECE_BYTES))]
    pieces: list[Document] = [
        {"_id": id, "_v": version, "of": owner, "content": content[start : start + _PIECE_BYTES]}
        for id, start in zip(ids, range(0, len(content), _PIECE_BYTES), strict=True)
    ]
    return {**stored, _NAMES_PIECES: ids}, pieces


def is_in_pieces(document: Document) -> bool:
    return _NAMES_PIECES in document


class Pieces:
    """The pieces of all collections of a database."""

    def __init__(self, database: "AsyncDatabase[Document]", codec: CodecOptions[Document]) -> None:
        self._stored = database[_COLLECTION]
        self._codec = codec

    async def ensure(self) -> None:
        await self._stored.create_index([("of", ASCENDING)])

    async def put(self, pieces: Sequence[Document]) -> None:
        """Once more is the same."""
        for piece in pieces:
            await self._stored.replace_one({"_id": piece["_id"]}, piece, upsert=True)

    async def together(self, document: Document) -> Document | None:
        """A document that is in pieces as it was put; None if pieces are gone, because it was replaced or removed.

        A server that is no MongoDB may answer with a document that is just being replaced: it names pieces of another
        version than its own, and has none.
        """
        ids: list[str] = document[_NAMES_PIECES]
        of_this = {"_id": {"$in": ids}, "_v": document["_v"]}
        found = {piece["_id"]: piece["content"] async for piece in self._stored.find(of_this)}
        if len(found) < len(ids):
            return None
        whole = {field: value for field, value in document.items() if field != _NAMES_PIECES}
        return {**whole, **bson.decode(b"".join(found[id] for id in ids), self._codec)}

    async def remove_outdated(self, writes: Iterable[Write]) -> None:
        """Those of older versions of the documents that were put, and all of the documents that were removed."""
        if await self._stored.find_one({}, {"_id": 1}) is None:
            return
        needed: dict[str, int] = {}
        for write in writes:
            if isinstance(write, Put):
                owner, version = _owner(write.collection, write.document["_id"]), write.document["_v"]
            elif isinstance(write, Remove):
                owner, version = _owner(write.collection, write.id), write.version + 1
            else:
                continue
            needed[owner] = max(version, needed.get(owner, version))
        owners = list(needed)
        for start in range(0, len(owners), _IDS_PER_QUERY):
            of_these = {"of": {"$in": owners[start : start + _IDS_PER_QUERY]}}
            found = [piece async for piece in self._stored.find(of_these, {"of": 1, "_v": 1})]
            outdated = [piece["_id"] for piece in found if piece["_v"] < needed[piece["of"]]]
            if outdated:
                await self._stored.delete_many({"_id": {"$in": outdated}})

    async def drop(self, collection: str) -> None:
        """All of one collection."""
        await self._stored.delete_many({"of": {"$gte": _owner(collection, ""), "$lt": f"{collection}0"}})


def _owner(collection: str, id: str) -> str:
    """A slash is in no collection's name, and 0 is what follows it among characters."""
    return f"{collection}/{id}"
