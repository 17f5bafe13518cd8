"""Notes of experiments, as readers find them."""

from contracts.read_models import ExperimentNote, from_document
from contracts.tables import EXPERIMENT_NOTES, ViewNames
from stores.documents.port import Condition, DocumentReader


async def notes_of_experiment(documents: DocumentReader, names: ViewNames, experiment_id: str) -> list[ExperimentNote]:
    """Most recently updated first. experiment_id: the one that counts, no alias."""
    where = Condition("experiment_id", "eq", experiment_id)
    found = documents.find(names.collection(EXPERIMENT_NOTES), where)
    notes = [from_document(document, ExperimentNote) async for batch in found for document in batch]
    return sorted(notes, key=lambda note: (-note.updated_at, note.id))


async def note_of_experiment(
    documents: DocumentReader, names: ViewNames, experiment_id: str, note_id: str
) -> ExperimentNote | None:
    """The note, if it is one of this experiment."""
    document = await documents.get(names.collection(EXPERIMENT_NOTES), note_id)
    note = None if document is None else from_document(document, ExperimentNote)
    return note if note is not None and note.experiment_id == experiment_id else None
