"""Row 1: all about one run but its points."""

from collections.abc import Sequence

from contracts.blobs import Blob
from contracts.read_models import RunArtifact
from contracts.rest.run_reads import ArtifactInfo, RunInfo, SequenceInfo
from query_api.queries.blob_places import blob_place
from query_api.queries.hidden_params import shown_params
from query_api.queries.json_values import json_number, json_tree
from query_api.queries.props import props_of
from query_api.queries.reads import Reads
from query_api.queries.sequence_kinds import METRIC, check_kinds
from stores.runs.large_params import whole_run


async def run_info(reads: Reads, run_id: str, *, skip_system: bool, kinds: Sequence[str] | None) -> RunInfo:
    """kinds: of sequences, None for all. Raises NotFound, and BadRequest for an unknown kind."""
    wanted = check_kinds(kinds)
    run = await whole_run(reads.values, await reads.runs.get(run_id))
    traces: dict[str, list[SequenceInfo]] = {kind: [] for kind in wanted}
    if METRIC in traces:
        traces[METRIC] = [SequenceInfo(s.name, json_tree(s.context), json_number(s.last)) for s in run.summaries()]
    for one in run.object_summaries():
        if one.kind in traces:
            traces[one.kind].append(SequenceInfo(one.name, json_tree(one.context), 0.0))
    artifacts = sorted(await reads.runs.artifacts(run), key=lambda artifact: artifact.path)
    return RunInfo(
        params=json_tree(shown_params(run.params_tree(), system=not skip_system)),
        traces=traces,
        props=props_of(run, await reads.catalog()),
        artifacts=[_artifact(reads, run_id, one) for one in artifacts],
    )


def _artifact(reads: Reads, run_id: str, artifact: RunArtifact) -> ArtifactInfo:
    """Bytes that have not come yet are named by the key that their client gave them."""
    blob = artifact.blob or Blob()
    place = blob_place(run_id, blob) or blob.key or artifact.path
    return ArtifactInfo(artifact.name, artifact.path, artifact.uri or reads.blobs.uri(place))
