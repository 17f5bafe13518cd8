"""Which content in the blob store one incarnation of a run still names."""

from collections.abc import AsyncIterator, Iterable, Iterator

import msgspec

from contracts.blobs import Blob
from contracts.events import Item
from contracts.keys import data_key
from contracts.read_models import RunNote, from_document
from contracts.read_models.logs import unpack_line, unpack_record
from contracts.read_models.objects import unpack_items
from contracts.tables import RUN_ARTIFACTS, RUN_NOTES, ViewNames
from contracts.trees import Tree, stored_values
from projector.fold.run_state import RunState
from stores.columns.port import ColumnReader, ObjectsWanted
from stores.documents.port import AllOf, Condition, DocumentReader

_STEPS_AT_ONCE = 500
_LINES_AT_ONCE = 5_000
_NOTES_AT_ONCE = 50


async def needed_content(
    documents: DocumentReader, columns: ColumnReader, names: ViewNames, state: RunState
) -> set[str]:
    """Hashes of all content that the incarnation of this state names, in whatever view. Raises StoreUnavailable."""
    key = data_key(state.run_id, state.incarnation)
    needed = _hashes(state.params)
    async for items in _items(columns, names, state, key):
        for item in items:
            needed |= _hashes_of_item(item)
    async for payload in _log(columns, names.log_lines, key):
        needed |= _hashes(unpack_line(payload))
    async for payload in _log(columns, names.log_records, key):
        record = unpack_record(payload)
        needed |= _hashes([record.message, record.args, record.logger_info])
    of_run = AllOf((Condition("run_id", "eq", state.run_id), Condition("incarnation", "eq", state.incarnation)))
    async for artifacts in documents.find(names.collection(RUN_ARTIFACTS), of_run):
        needed |= {artifact["hash"] for artifact in artifacts if artifact["hash"] is not None}
    async for notes in documents.find(names.collection(RUN_NOTES), of_run, batch=_NOTES_AT_ONCE):
        needed |= _hashes([from_document(note, RunNote).text() for note in notes])
    return needed


async def _items(columns: ColumnReader, names: ViewNames, state: RunState, key: int) -> AsyncIterator[tuple[Item, ...]]:
    for kind in sorted({kind for kind, _, _ in state.objects}):
        series_names = sorted({name for one, name, _ in state.objects if one == kind})
        for series in await columns.read_object_steps(names.objects, kind, series_names, [key]):
            for part in _parts(series.steps.tolist()):
                wanted = ObjectsWanted(series.name, series.data_key, series.context, part)
                for found in await columns.read_objects(names.objects, kind, [wanted]):
                    for payload in found.payloads:
                        yield unpack_items(payload)


def _parts(steps: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(steps), _STEPS_AT_ONCE):
        yield steps[start : start + _STEPS_AT_ONCE]


async def _log(columns: ColumnReader, table: str, key: int) -> AsyncIterator[bytes]:
    following: int | None = None
    while (part := await columns.read_log(table, key, numbers=(following, None), limit=_LINES_AT_ONCE)).payloads:
        for payload in part.payloads:
            yield payload
        following = int(part.numbers[-1]) + 1


def _hashes_of_item(item: Item) -> set[str]:
    fields: Iterable[object] = msgspec.structs.astuple(item)
    named = {field.hash for field in fields if isinstance(field, Blob) and field.hash is not None}
    return named | _hashes(list(fields))


def _hashes(tree: Tree) -> set[str]:
    return {claim.hash for claim in stored_values(tree)}
