"""View `runs`: one document for each run."""

from contracts.read_models import RunDocument
from contracts.trees import pack
from projector.fold.run_state import RunState
from projector.projections.series_order import ordered_series


def document_for(state: RunState) -> RunDocument:
    """The run as readers see it. A cleared tombstone hides as a deletion does: the next incarnation replaces both."""
    return RunDocument(
        id=state.run_id,
        version=max(state.props_version, state.params_version, state.series_version),
        incarnation=state.incarnation,
        phase="live" if state.phase == "live" else "deleted",
        name=state.name,
        description=state.description,
        experiment_id=state.experiment_id,
        tag_ids=[tag_id for tag_id, _ in state.tags],
        archived=state.archived,
        active=state.active,
        created_at=state.created_at,
        ended_at=state.ended_at,
        updated_at=state.updated_at,
        params=pack(state.params),
        series=pack(ordered_series(state)),
    )
