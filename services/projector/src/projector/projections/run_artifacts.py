"""View `run_artifacts`: one document for each path."""

from contracts.blobs import Blob
from contracts.events import ArtifactAdded, Event
from contracts.events.artifacts import is_listed
from contracts.keys import artifact_id, path_key
from contracts.position import Position
from contracts.read_models import RunArtifact
from projector.fold.run_state import RunState


def rows_for(event: Event, state: RunState, position: Position) -> list[RunArtifact]:
    """state: after the event. An event that is none of artifacts gives no rows."""
    if not isinstance(event, ArtifactAdded):
        return []
    blob = event.blob or Blob()
    return [
        RunArtifact(
            id=artifact_id(state.run_id, state.incarnation, event.path),
            version=position.version,
            run_id=state.run_id,
            incarnation=state.incarnation,
            path=event.path,
            name=event.name,
            listed=is_listed(event.path),
            position=state.artifacts.get(path_key(event.path), position.version),
            uri=event.uri,
            content_type=event.content_type,
            key=blob.key,
            hash=blob.hash,
            place=blob.place,
            size=blob.size,
        )
    ]
