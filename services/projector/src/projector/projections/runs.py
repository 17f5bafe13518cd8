"""View `runs`: one document for each run."""

from contracts.read_models import RunDocument
from contracts.trees import pack, pack_and_list
from projector.fold.run_state import RunState
from projector.projections.series_order import ordered_objects, ordered_series


def document_for(state: RunState) -> RunDocument:
    """The run as readers see it. A cleared tombstone hides as a deletion does: the next incarnation replaces both."""
    params, claims = pack_and_list(state.params)
    return RunDocument(
        id=state.run_id,
        version=max(state.props_version, state.params_version, state.series_version, state.data_version),
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
        params=params,
        series=pack(ordered_series(state)),
        claims=bool(claims),
        objects=pack(ordered_objects(state)),
        lines_end=state.lines_end,
        records_end=state.records_end,
        ingested_at=state.ingested_at,
    )
