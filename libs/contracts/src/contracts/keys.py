"""Identities that are computed, not handed out: contexts, data keys, ids."""

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from contracts.errors import ValidationFailed
from contracts.trees import canonical_json

_REMEMBERED_CONTEXT_BYTES = 256
UPLOADS = "uploads"
"""Above everything that clients upload; a prefix of keys in the blob store."""

SHARED_CONTENT = "catalog/content"
"""Above all content that belongs to no run; a prefix of keys in the blob store."""

SEQUENCE_PATHS = "seq/"
"""Paths that begin so hold the bytes of images and sounds: they are kept to find those, and never listed."""

MAX_PATH_BYTES = 4_096
"""Of a client's path or key in UTF-8, as much as file systems take in all; where its bytes lie is a hash."""

_RUN_ID = re.compile(r"[A-Za-z0-9._~-]{1,128}")


def check_run_id(run_id: str) -> str:
    """A run id is 1 to 128 URL-safe characters, is no path step, and must not look like a progress key.

    Raises ValidationFailed. Case is never changed.
    """
    if not _RUN_ID.fullmatch(run_id) or run_id in {".", ".."} or run_id.startswith("progress"):
        raise ValidationFailed("run_id must be 1 to 128 URL-safe characters and not begin with 'progress'")
    return run_id


def check_path(path: str) -> str:
    """The path of an artifact inside its run. Raises ValidationFailed for one that leaves the run, or is too long."""
    problem = path_problem(path)
    if problem is None and len(path.encode()) > MAX_PATH_BYTES:
        problem = f"may have {MAX_PATH_BYTES} bytes"
    if problem is not None:
        raise ValidationFailed(f"a path {problem}")
    return path


def check_upload_key(key: str) -> str:
    """`<run id>/<path>`, as clients compute it by themselves. Raises ValidationFailed."""
    run_id, _, path = key.partition("/")
    return f"{check_run_id(run_id)}/{check_path(path)}"


def path_problem(path: str) -> str | None:
    """What keeps a text from being a path below some place, whoever reads it."""
    try:
        segments = path.encode().split(b"/")
    except UnicodeEncodeError:
        return "must be text"
    if any(segment in {b"", b".", b".."} for segment in segments):
        return "must be relative, without empty, '.' or '..' segments"
    if any(ord(character) < ord(" ") or character == "\x7f" for character in path):
        return "must hold no control character"
    return None


def data_key(run_id: str, incarnation: int) -> int:
    """Unsigned 64-bit key of all rows of one incarnation of a run: an id used again never meets old rows."""
    return int.from_bytes(_digest(f"{incarnation}:{run_id}".encode()), "little")


def context_key(context: Mapping[str, Any]) -> int:
    """Unsigned 64-bit identity of a context; the empty context is 0, key order never matters."""
    if not context:
        return 0
    try:
        packed = msgspec.msgpack.encode(context)
    except (OverflowError, TypeError, UnicodeEncodeError):
        return _context_key(context)
    return _remembered_key(packed) if len(packed) <= _REMEMBERED_CONTEXT_BYTES else _context_key(context)


@lru_cache(maxsize=10_000)
def _remembered_key(packed: bytes) -> int:
    """By the MessagePack: each event names its contexts anew, and the canonical text takes ten times as long."""
    return _context_key(msgspec.msgpack.decode(packed))


def _context_key(context: Mapping[str, Any]) -> int:
    return int.from_bytes(_digest(canonical_json(context).encode()), "little")


def batch_key(batch_id: str) -> int:
    """Unsigned 64-bit stand-in for a client's batch id: what a run remembers must stay small."""
    return int.from_bytes(_digest(batch_id.encode()), "little")


def upload_place(key: str) -> str:
    """Where the bytes lie in the blob store that a client calls `<run id>/<path>` and uploads itself.

    The path is hashed: one client's path may be another one's folder, and paths may be longer than stores take. Bytes
    of images and sounds have a folder of their own in each run, because objects are enough to name them.
    """
    run_id, _, path = key.partition("/")
    folder = f"{run_id}/{SEQUENCE_PATHS}" if path.startswith(SEQUENCE_PATHS) else f"{run_id}/"
    return f"{UPLOADS}/{folder}{hashlib.sha256(path.encode()).hexdigest()}"


def sequence_upload_place(run_id: str, key: str) -> str | None:
    """Where the bytes of this run's images and sounds lie whose upload no message announced; None for other keys."""
    return upload_place(key) if key.startswith(f"{run_id}/{SEQUENCE_PATHS}") else None


def run_of_sequence_upload(place: str) -> str | None:
    """Whose images and sounds a blob of this key is for; None if it is for none."""
    above, _, rest = place.partition("/")
    run_id, _, path = rest.partition("/")
    return run_id if above == UPLOADS and path.startswith(SEQUENCE_PATHS) else None


def path_key(path: str) -> int:
    """Unsigned 64-bit stand-in for an artifact's path."""
    return int.from_bytes(_digest(path.encode()), "little")


def artifact_id(run_id: str, incarnation: int, path: str) -> str:
    """Id of the document of an artifact: one for each path of one incarnation of a run."""
    return f"{data_key(run_id, incarnation):016x}:{hashlib.sha256(path.encode()).hexdigest()}"


def trash_id(run_id: str, incarnation: int) -> str:
    """Id of the document that says what became of a deleted incarnation. A run id holds no colon."""
    return f"{run_id}:{incarnation}"


def trash_ids(run_id: str) -> tuple[str, str]:
    """Of all incarnations of a run, as texts are ordered: the first one possible, and one behind the last."""
    return f"{run_id}:", f"{run_id};"


def blob_key(run_id: str, content_hash: str) -> str:
    """Where content lies in the blob store that events name by its hash.

    The same for all incarnations of a run: the command side, which stores before it appends, cannot know which one the
    fold will choose. Who removes the blobs of one incarnation must keep those that another one holds.
    """
    return f"{content_place(run_id)}/{content_hash}"


def content_place(run_id: str) -> str:
    """Above all of a run's content; a prefix of keys in the blob store."""
    return f"runs/{run_id}/content"


def shared_blob_key(content_hash: str) -> str:
    """Where content lies that events of the catalog name by its hash."""
    return f"{SHARED_CONTENT}/{content_hash}"


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=8).digest()
