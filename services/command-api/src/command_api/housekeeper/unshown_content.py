"""Content of apps and reports that nobody is shown any more: they were deleted, or saved anew.

Both are final, so no event tells that it goes. One piece may be of several apps and reports.
"""

import msgspec

from command_api.housekeeper.desk import Desk, require_unswitched
from contracts.keys import SHARED_CONTENT, shared_blob_key
from contracts.read_models import Content
from contracts.tables import APP_STATES, REPORT_CODES, ViewNames
from contracts.trees import stored_values
from stores.blobs.removing import remove_unchanged

_CONTENTS_PER_READ = 50
"""Each may have 256 KiB in its document."""


async def remove_unshown_content(desk: Desk, names: ViewNames, limit: float) -> int:
    """Remove what was stored before `limit` (seconds UTC) and is of no app and no report; how much there was.

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
    for collection in (APP_STATES, REPORT_CODES):
        found = desk.documents.find(names.collection(collection), batch=_CONTENTS_PER_READ)
        async for documents in found:
            contents = [msgspec.convert(document, Content, builtin_types=(bytes,)) for document in documents]
            keys |= {shared_blob_key(claim.hash) for content in contents for claim in stored_values(content.tree())}
    await require_unswitched(desk, names)
    return keys
