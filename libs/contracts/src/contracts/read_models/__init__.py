"""The documents that the projector writes and everyone else reads: one definition for both sides."""

from contracts.read_models.artifacts import RunArtifact
from contracts.read_models.batches import RunBatches
from contracts.read_models.boards import App, Content, Dashboard, Report
from contracts.read_models.catalog import Alias, Experiment, PinnedSequences, Tag
from contracts.read_models.documents import from_document, to_document
from contracts.read_models.history import HistoryEntry
from contracts.read_models.notes import ExperimentNote, RunNote, StoredNote
from contracts.read_models.objects import ObjectSummary
from contracts.read_models.runs import RunDocument, RunSegments, SeriesSummary
from contracts.read_models.trash import TrashedRun

__all__ = (
    "Alias",
    "App",
    "Content",
    "Dashboard",
    "Experiment",
    "ExperimentNote",
    "HistoryEntry",
    "ObjectSummary",
    "PinnedSequences",
    "Report",
    "RunArtifact",
    "RunBatches",
    "RunDocument",
    "RunNote",
    "RunSegments",
    "SeriesSummary",
    "StoredNote",
    "Tag",
    "TrashedRun",
    "from_document",
    "to_document",
)
