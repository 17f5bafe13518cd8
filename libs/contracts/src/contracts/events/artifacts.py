"""Files that belong to a run."""

from contracts.blobs import Blob
from contracts.events.base import RunEvent
from contracts.keys import SEQUENCE_PATHS


class ArtifactAdded(RunEvent, frozen=True, kw_only=True):
    """The file at `path` is this now, whatever it was before.

    uri: of bytes that are kept elsewhere. blob: of bytes that are kept here. One of both is given.
    """

    path: str
    name: str
    uri: str | None = None
    blob: Blob | None = None
    content_type: str | None = None


def is_listed(path: str) -> bool:
    """Whether readers are shown an artifact of this path."""
    return not path.startswith(SEQUENCE_PATHS)
