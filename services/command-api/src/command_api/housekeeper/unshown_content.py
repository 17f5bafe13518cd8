"""Content of apps, reports and notes of experiments that nobody is shown any more: they were deleted, or saved anew.

Both are final, so no event tells that it goes. One piece may be of several of them.
"""

from collections.abc import Callable, Mapping

from command_api.housekeeper.desk import Desk, require_unswitched
from contracts.keys import SHARED_CONTENT, shared_blob_key
from contracts.read_models import Content, ExperimentNote, from_document
from contracts.tables import APP_STATES, EXPERIMENT_NOTES, REPORT_CODES, Collection, ViewNames
from contracts.trees import Tree, stored_values
from stores.blobs.removing import remove_unchanged
from stores.documents.port import Document

_CONTENTS_PER_READ = 50
"""Each may have 256 KiB in its document, older notes a megabyte."""


async def remove_unshown_content(desk: Desk, names: ViewNames, limit: float) -> int:
    """Remove what was stored before `limit` (seconds UTC) and is of none of them; how much there was.

    names: the live version, which holds what was in the log when it was chosen. What a request stores again before it
    names it is younger than the limit.
    """
    removed = 0
    shown: set[str] | None = None
    async for batch in desk.blobs.listed(SHARED_CONTENT):
        old = [blob for blob in batch if blob.modified < limit]
        if old and shown is None:
            shown = await _shown(desk, names)
        free = [blob for blob in old if shown is not None and blob.key not in shown]
        removed += sum([await remove_unchanged(desk.blobs, blob) for blob in free])
    return removed


async def _shown(desk: Desk, names: ViewNames) -> set[str]:
    keys: set[str] = set()
    for collection, tree_of in _HOLDERS.items():
        async for documents in desk.documents.find(names.collection(collection), batch=_CONTENTS_PER_READ):
            keys |= {shared_blob_key(claim.hash) for one in documents for claim in stored_values(tree_of(one))}
    await require_unswitched(desk, names)
    return keys


def _content(document: Document) -> Tree:
    return from_document(document, Content).tree()


def _note(document: Document) -> Tree:
    return from_document(document, ExperimentNote).text()


_HOLDERS: Mapping[Collection, Callable[[Document], Tree]] = {
    APP_STATES: _content,
    REPORT_CODES: _content,
    EXPERIMENT_NOTES: _note,
}
"""What names shared content, and what each of its documents may name."""
