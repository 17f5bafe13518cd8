"""Progress frames of searches: how many runs were looked at, of how many."""

from typing import Final

from contracts.aimcodec.records import encode_tree

PROGRESS_PREFIX: Final = "progress"


def is_progress_key(key: object) -> bool:
    """Whether a top-level key of a run-like stream is progress; everything else there is a run."""
    return isinstance(key, str) and key.startswith(PROGRESS_PREFIX)


def encode_progress(number: int, checked: int, total: int) -> bytes:
    """The three records of frame `number`, counted from 0 in each response.

    checked: runs looked at so far, from 1 and from the offset on. total: all runs of the project.
    """
    return encode_tree([checked, total], (f"{PROGRESS_PREFIX}_{number}",))
