"""The named batches that a run remembers, read from the fold's state of it."""

from contracts.read_models import RunBatches
from contracts.tables import RUN_STATES, ViewNames
from contracts.trees import unpack
from stores.documents.port import DocumentReader


async def batches_of(documents: DocumentReader, names: ViewNames, run_id: str) -> RunBatches | None:
    """None for a run that no event has begun. Reads the whole state, up to some megabytes of a run of many series."""
    document = await documents.get(names.collection(RUN_STATES), run_id)
    return None if document is None else unpack(document["state"], RunBatches)
