"""Rows 39 and 40: the bytes of images and sounds, for who holds references to them."""

from collections.abc import AsyncGenerator, Sequence

from contracts.errors import NotFound
from query_api.queries.blob_places import blob_places
from query_api.queries.reads import Reads


async def referenced_bytes(reads: Reads, tokens: Sequence[str]) -> AsyncGenerator[tuple[str, bytes], None]:
    """In the order of the tokens.

    Left out: what is no reference of ours or too old, whose run is gone, whose bytes are not there.
    Close the iterator if you leave it early.
    """
    known = {token: reference for token in tokens if (reference := reads.references.read(token, reads.now)) is not None}
    runs = await reads.runs.many(sorted({reference.run_id for reference in known.values()})) if known else {}
    for token, reference in known.items():
        run = runs.get(reference.run_id)
        if run is None or run.incarnation != reference.incarnation:
            continue
        place = (await blob_places(reads, run, [reference.blob])).get(reference.blob)
        try:
            data = None if place is None else await reads.blobs.get(place)
        except NotFound:
            data = None
        if data is not None:
            yield token, data
