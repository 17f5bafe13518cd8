"""Rules of experiments. Runs hold an experiment's id and are not touched by anything here."""

from typing import Any

from msgspec.structs import replace

from contracts.events import (
    Event,
    ExperimentArchived,
    ExperimentCreated,
    ExperimentDescribed,
    ExperimentRenamed,
    ExperimentUnarchived,
)
from contracts.read_models import Experiment
from projector.fold.catalog_rules import Rule, Step, refused_creation, renamed, taken
from projector.fold.catalog_state import CatalogState
from projector.fold.outcome import Ignored

NO_EXPERIMENT = Ignored("experiment not found", "not_found")


def _create(state: CatalogState, event: ExperimentCreated, version: int) -> Step:
    owner = state.experiment_ids.get(event.name)
    refused = refused_creation(state, "experiment", event.experiment_id, owner, version)
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


def _rename(state: CatalogState, event: ExperimentRenamed, version: int) -> Step:
    target = state.resolve("experiment", event.experiment_id)
    if target is None:
        return state, NO_EXPERIMENT
    owner = state.experiment_ids.get(event.name, target)
    if owner != target:
        return state, taken(owner)
    names = renamed(state.experiment_ids, state.experiments[target].name, event.name)
    return replace(_with(state, target, version, name=event.name), experiment_ids=names), None


def _describe(state: CatalogState, event: ExperimentDescribed, version: int) -> Step:
    target = state.resolve("experiment", event.experiment_id)
    if target is None:
        return state, NO_EXPERIMENT
    return _with(state, target, version, description=event.description), None


def _archive(state: CatalogState, event: ExperimentArchived | ExperimentUnarchived, version: int) -> Step:
    target = state.resolve("experiment", event.experiment_id)
    if target is None:
        return state, NO_EXPERIMENT
    return _with(state, target, version, archived=isinstance(event, ExperimentArchived)), None


def _with(state: CatalogState, target: str, version: int, **changes: Any) -> CatalogState:
    changed = replace(state.experiments[target], version=version, **changes)
    return replace(state, experiments={**state.experiments, target: changed})


RULES: dict[type[Event], Rule] = {
    ExperimentCreated: _create,
    ExperimentRenamed: _rename,
    ExperimentDescribed: _describe,
    ExperimentArchived: _archive,
    ExperimentUnarchived: _archive,
}
