"""The one order in which readers meet the series of a run."""

from contracts.read_models import SeriesSummary
from contracts.trees import canonical_json
from projector.fold.run_state import RunState


def ordered_series(state: RunState) -> list[SeriesSummary]:
    """By name, then by canonical context: the order of logging would differ between batches of two clients."""
    return sorted(state.series.values(), key=lambda summary: (summary.name, canonical_json(summary.context)))
