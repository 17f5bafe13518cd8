"""Params that are too large for a document: claim checks stand for them until somebody shows or reads them.

One run at a time: of a few hundred runs together they may be gigabytes.
"""

from msgspec.structs import replace

from contracts.read_models import RunDocument, RunSegments
from contracts.read_models.segments import param_segments
from contracts.trees import pack, stored_values, with_values
from stores.blobs.values import BlobValues


async def whole_run(values: BlobValues, run: RunDocument) -> RunDocument:
    """With every param in its place. Raises StoreUnavailable."""
    if not run.claims:
        return run
    params = run.params_tree()
    known = await values.load(run.id, stored_values(params))
    return replace(run, params=pack(with_values(params, known)), claims=False)


async def whole_segments(values: BlobValues, run: RunDocument, segments: RunSegments | None) -> RunSegments | None:
    """With every param of the run; None stays None. Raises StoreUnavailable."""
    if segments is None or not segments.claims:
        return segments
    made = param_segments(run.id, (await whole_run(values, run)).params_tree())
    return replace(segments, **made._asdict(), claims=False)
