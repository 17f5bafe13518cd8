"""The one order in which readers meet the series of a run."""

from contracts.read_models import ObjectSummary, SeriesSummary
from contracts.trees import canonical_json
from projector.fold.run_state import RunState


def ordered_series(state: RunState) -> list[SeriesSummary]:
    """By name, then by canonical context: the order of logging would differ between batches of two clients."""
    return sorted(state.series.values(), key=lambda summary: (summary.name, canonical_json(summary.context)))


def ordered_objects(state: RunState) -> list[ObjectSummary]:
    """By kind, then as the series of metrics."""
    return sorted(state.objects.values(), key=lambda one: (one.kind, one.name, canonical_json(one.context)))
