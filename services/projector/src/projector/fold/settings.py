"""Rules of the project's settings."""

from msgspec.structs import replace

from contracts.events import Event, SequencesPinned
from contracts.read_models import PinnedSequences
from contracts.tables import PINNED_SEQUENCES
from contracts.trees import pack
from projector.fold.catalog_rules import Rule, Step
from projector.fold.catalog_state import CatalogState


def _pin(state: CatalogState, event: SequencesPinned, version: int) -> Step:
    packed = pack([{"name": one.name, "context": one.context} for one in event.sequences])
    return replace(state, pinned=PinnedSequences(id=PINNED_SEQUENCES, version=version, packed=packed)), None


RULES: dict[type[Event], Rule] = {SequencesPinned: _pin}
