"""Documents of artifacts."""

import msgspec

from contracts.blobs import Blob


class RunArtifact(msgspec.Struct, frozen=True, kw_only=True):
    """One path of one incarnation of a run; `_id` is `contracts.keys.artifact_id`.

    listed: whether readers are shown it (`contracts.events.artifacts.is_listed`). position: version of the event that
    first named the path, the order of listing; of those that are not listed, of the last. uri: of bytes that are kept
    elsewhere. key, hash, place, size: as in `contracts.blobs.Blob`, all None with a uri.
    """

    id: str = msgspec.field(name="_id")
    version: int = msgspec.field(name="_v")
    run_id: str
    incarnation: int
    path: str
    name: str
    listed: bool
    position: int
    uri: str | None
    content_type: str | None
    key: str | None
    hash: str | None
    place: str | None
    size: int | None

    @property
    def blob(self) -> Blob | None:
        """Where the bytes are, if they are kept here."""
        return None if self.uri is not None else Blob(self.key, self.hash, self.place, self.size)
