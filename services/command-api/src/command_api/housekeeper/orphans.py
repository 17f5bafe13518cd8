"""Uploads that no message ever named: their client was killed, or its message never came.

No event knows of them, so none tells that they go. Bytes of images and sounds are named by the objects of their run,
which are not read here: while the run is there, or can be taken back, they stay.
"""

from collections.abc import Iterable, Sequence

from command_api.housekeeper.desk import Desk, require_unswitched
from contracts.keys import UPLOADS, run_of_sequence_upload
from contracts.tables import RUN_ARTIFACTS, RUNS, ViewNames
from stores.blobs.port import StoredBlob
from stores.blobs.removing import remove_unchanged
from stores.documents.port import Condition

_KEYS_PER_READ = 500


async def remove_orphan_uploads(desk: Desk, names: ViewNames, limit: float) -> int:
    """Remove every upload from before `limit` (seconds UTC) that no run names; how many there were.

    names: the live version, which holds what was in the log when it was chosen. What lies in the trash is named.
    """
    removed = 0
    async for batch in desk.blobs.listed(UPLOADS):
        old = [blob for blob in batch if blob.modified < limit]
        for start in range(0, len(old), _KEYS_PER_READ):
            orphans = await _orphans(desk, names, old[start : start + _KEYS_PER_READ])
            removed += sum([await remove_unchanged(desk.blobs, blob) for blob in orphans])
    return removed


async def _orphans(desk: Desk, names: ViewNames, uploads: Sequence[StoredBlob]) -> list[StoredBlob]:
    wanted = Condition("place", "in", [blob.key for blob in uploads])
    found = desk.documents.find(names.collection(RUN_ARTIFACTS), wanted)
    named = {artifact["place"] async for batch in found for artifact in batch}
    unnamed = {blob: run_of_sequence_upload(blob.key) for blob in uploads if blob.key not in named}
    kept = await _kept_runs(desk, names, {run_id for run_id in unnamed.values() if run_id is not None})
    await require_unswitched(desk, names)
    return [blob for blob, run_id in unnamed.items() if run_id not in kept]


async def _kept_runs(desk: Desk, names: ViewNames, run_ids: Iterable[str]) -> set[str]:
    """Those that are there or in the trash: of what is purged the view has no document."""
    # Counted, since a document would come with all params.
    collection = names.collection(RUNS)
    return {run_id for run_id in run_ids if await desk.documents.count(collection, Condition("_id", "eq", run_id))}
