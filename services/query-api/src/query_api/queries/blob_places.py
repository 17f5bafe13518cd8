"""Where in the blob store the bytes lie that views name."""

from collections.abc import Iterable

from contracts.blobs import Blob
from contracts.keys import blob_key, sequence_upload_place
from contracts.read_models import RunDocument
from query_api.queries.reads import Reads


def blob_place(run_id: str, blob: Blob) -> str | None:
    """Key in the blob store; None for bytes that are only known by their client's key."""
    if blob.place is not None:
        return blob.place
    return None if blob.hash is None else blob_key(run_id, blob.hash)


async def blob_places(reads: Reads, run: RunDocument, blobs: Iterable[Blob]) -> dict[Blob, str]:
    """Keys in the blob store; a blob of which nothing is known is absent, and bytes may not be there."""
    known = {blob: blob_place(run.id, blob) for blob in blobs}
    waiting = [blob.key for blob, place in known.items() if place is None and blob.key is not None]
    artifacts = await reads.runs.artifacts_by_key(run, waiting) if waiting else {}
    places: dict[Blob, str] = {}
    for blob, place in known.items():
        artifact = None if blob.key is None else artifacts.get(blob.key)
        if place is None and artifact is not None and artifact.blob is not None:
            place = blob_place(run.id, artifact.blob)
        elif place is None and blob.key is not None:
            place = await _unannounced_place(reads, run, blob.key)
        if place is not None:
            places[blob] = place
    return places


async def _unannounced_place(reads: Reads, run: RunDocument, key: str) -> str | None:
    """Of bytes of an image or a sound: a client that was cut off may have lost the message that announces them."""
    place = sequence_upload_place(run.id, key)
    before = None if place is None else await reads.runs.predecessor(run)
    if place is None or before is None:
        return place
    # The key names no incarnation: bytes that came before this one began are of another one.
    stored = await reads.blobs.find(place)
    ours = stored is not None and before.next_from is not None and stored.modified >= before.next_from
    return place if ours else None
