"""The fold of the catalog: experiments, tags, aliases, settings, in one total order with what `boards.py` folds."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from contracts.envelope import Recorded
from contracts.errors import InvalidEvent
from contracts.events import (
    Event,
    ExperimentArchived,
    ExperimentCreated,
    ExperimentDescribed,
    ExperimentRenamed,
    ExperimentUnarchived,
    SequencesPinned,
    TagCreated,
)
from contracts.position import Position
from contracts.read_models import Alias, Experiment, PinnedSequences, Tag
from contracts.tables import PINNED_SEQUENCES
from contracts.trees import pack
from projector.fold import boards
from projector.fold.catalog_state import CatalogState, Kind
from projector.fold.outcome import DUPLICATE, Applied, Ignored, Outcome

NO_EXPERIMENT = Ignored("experiment not found", "not_found")

_Step = tuple[CatalogState, Ignored | None]


def fold_catalog(state: CatalogState, recorded: Recorded, position: Position) -> tuple[CatalogState, Outcome]:
    """Pure, and the old state stays valid. The first creation of a name in log order wins.

    The state of an ignored creation differs: it knows the alias. Raises InvalidEvent for an event of a run.
    """
    event = recorded.event
    rule = RULES.get(type(event))
    if rule is None:
        raise InvalidEvent(f"{type(event).__name__} is no event of the catalog")
    after, refusal = rule(state, event, position.version)
    return after, refusal or Applied(event)


def _taken(owner: str) -> Ignored:
    return Ignored(f"name taken by {owner}", "bad_request", owner)


def _refused_creation(state: CatalogState, kind: Kind, entity_id: str, owner: str | None, version: int) -> _Step | None:
    """An id that is known was created before. A name that is known gives its owner a second id."""
    known = state.resolve(kind, entity_id)
    if known is not None:
        return state, Ignored(DUPLICATE, "conflict", known)
    if owner is None:
        return None
    alias = Alias(id=entity_id, version=version, kind=kind, target=owner)
    return replace(state, aliases={**state.aliases, entity_id: alias}), _taken(owner)


def _create_experiment(state: CatalogState, event: ExperimentCreated, version: int) -> _Step:
    owner = state.experiment_ids.get(event.name)
    refused = _refused_creation(state, "experiment", event.experiment_id, owner, version)
    if refused is not None:
        return refused
    created = Experiment(
        id=event.experiment_id,
        version=version,
        name=event.name,
        description=event.description,
        archived=False,
        created_at=event.at,
        position=version,
    )
    after = replace(
        state,
        experiments={**state.experiments, created.id: created},
        experiment_ids={**state.experiment_ids, created.name: created.id},
    )
    return after, None


def _create_tag(state: CatalogState, event: TagCreated, version: int) -> _Step:
    refused = _refused_creation(state, "tag", event.tag_id, state.tag_ids.get(event.name), version)
    if refused is not None:
        return refused
    created = Tag(
        id=event.tag_id,
        version=version,
        name=event.name,
        color=event.color,
        description=event.description,
        archived=False,
        position=version,
    )
    after = replace(
        state, tags={**state.tags, created.id: created}, tag_ids={**state.tag_ids, created.name: created.id}
    )
    return after, None


def _rename_experiment(state: CatalogState, event: ExperimentRenamed, version: int) -> _Step:
    target = state.resolve("experiment", event.experiment_id)
    if target is None:
        return state, NO_EXPERIMENT
    owner = state.experiment_ids.get(event.name, target)
    if owner != target:
        return state, _taken(owner)
    names = dict(state.experiment_ids)
    del names[state.experiments[target].name]
    names[event.name] = target
    return replace(_with_experiment(state, target, version, name=event.name), experiment_ids=names), None


def _describe_experiment(state: CatalogState, event: ExperimentDescribed, version: int) -> _Step:
    target = state.resolve("experiment", event.experiment_id)
    if target is None:
        return state, NO_EXPERIMENT
    return _with_experiment(state, target, version, description=event.description), None


def _archive_experiment(state: CatalogState, event: ExperimentArchived | ExperimentUnarchived, version: int) -> _Step:
    target = state.resolve("experiment", event.experiment_id)
    if target is None:
        return state, NO_EXPERIMENT
    return _with_experiment(state, target, version, archived=isinstance(event, ExperimentArchived)), None


def _with_experiment(state: CatalogState, target: str, version: int, **changes: Any) -> CatalogState:
    changed = replace(state.experiments[target], version=version, **changes)
    return replace(state, experiments={**state.experiments, target: changed})


def _pin(state: CatalogState, event: SequencesPinned, version: int) -> _Step:
    packed = pack([{"name": one.name, "context": one.context} for one in event.sequences])
    return replace(state, pinned=PinnedSequences(id=PINNED_SEQUENCES, version=version, packed=packed)), None


RULES: dict[type[Event], Callable[[CatalogState, Any, int], _Step]] = {
    ExperimentCreated: _create_experiment,
    ExperimentRenamed: _rename_experiment,
    ExperimentDescribed: _describe_experiment,
    ExperimentArchived: _archive_experiment,
    ExperimentUnarchived: _archive_experiment,
    TagCreated: _create_tag,
    SequencesPinned: _pin,
    **boards.RULES,
}
"""What an event does to the catalog, or why it is refused."""

HANDLED: frozenset[type[Event]] = frozenset(RULES)
"""Every event that `fold_catalog` takes."""
