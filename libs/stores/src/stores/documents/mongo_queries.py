"""Conditions and guarded writes of the documents port in MongoDB's words. Holds no connection.

Of MongoDB only what compatible servers have too: filters by operators, replace with upsert, delete.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pymongo import DeleteMany, DeleteOne, ReplaceOne

from stores.documents.port import AllOf, Condition, Put, RemoveMatching, Where, Write

Operation = ReplaceOne[Any] | DeleteOne | DeleteMany

_OPERATORS = {"ne": "$ne", "in": "$in", "lt": "$lt", "lte": "$lte", "gt": "$gt", "gte": "$gte"}
_EVERYTHING: dict[str, Any] = {}
_NOTHING: dict[str, Any] = {"_id": {"$in": []}}


def filter_of(where: Where | None) -> dict[str, Any]:
    """Raises ValueError for an operator that the port does not name."""
    if where is None:
        return _EVERYTHING
    if isinstance(where, Condition):
        return {where.field: _predicate(where)}
    parts = [filter_of(part) for part in where.of]
    if isinstance(where, AllOf):
        return {"$and": parts} if parts else _EVERYTHING
    return {"$or": parts} if parts else _NOTHING


def segments(writes: Sequence[Write]) -> Iterator[tuple[str, list[Write]]]:
    """Neighbouring writes of one collection and of different ids, with the collection's name, in their order.

    Inside a segment the order means nothing, so that the server may go on after a write that its guard refused. A
    removal of what matches is a segment of its own: it may be about any id.
    """
    segment: list[Write] = []
    ids: set[str | None] = set()
    for write in writes:
        id = _id_of(write)
        alone = None in ids or id is None
        if segment and (write.collection != segment[0].collection or id in ids or alone):
            yield segment[0].collection, segment
            segment, ids = [], set()
        segment.append(write)
        ids.add(id)
    if segment:
        yield segment[0].collection, segment


def operation(write: Write, stored: Mapping[str, Any], *, may_insert: bool = True) -> Operation:
    """`stored`: what stands for the document of a put.

    A put whose guard fails finds nothing to replace and inserts: the duplicate `_id` (E11000) says there is one.
    """
    if isinstance(write, Put):
        guard = {"_id": write.document["_id"], "_v": {"$lt": write.document["_v"]}}
        return ReplaceOne(guard, stored, upsert=may_insert)
    if isinstance(write, RemoveMatching):
        return DeleteMany(doomed(write))
    return DeleteOne({"_id": write.id, "_v": {"$lte": write.version}})


def doomed(write: RemoveMatching) -> dict[str, Any]:
    """The filter for what a removal is about."""
    return {"$and": [filter_of(write.where), {"_v": {"$lte": write.version}}]}


def _id_of(write: Write) -> str | None:
    """None for a write that names no document."""
    if isinstance(write, RemoveMatching):
        return None
    return str(write.document["_id"]) if isinstance(write, Put) else write.id


def _predicate(condition: Condition) -> dict[str, Any]:
    if condition.op == "eq":
        return {"$eq": condition.value}
    if condition.op == "contains":
        return {"$elemMatch": {"$eq": condition.value}}
    if condition.op not in _OPERATORS:
        raise ValueError(f"no such operator: {condition.op}")
    value = list(condition.value) if condition.op == "in" else condition.value
    return {_OPERATORS[condition.op]: value}
