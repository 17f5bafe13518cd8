"""Progress frames of searches: how many runs were looked at, of how many."""

import hashlib
from typing import Final

from contracts.aimcodec.records import encode_tree

PROGRESS_PREFIX: Final = "progress"
FILLER_CHARACTERS: Final = 38_000

_DIGITS: Final = bytes.maketrans(bytes(range(256)), (b"0123456789-" * 24)[:256])


def progress_key(number: int, filler: str = "") -> str:
    """Key of frame `number`, counted from 0 in each response; a filler makes it too long for a buffer to keep."""
    return f"{PROGRESS_PREFIX}_{number}_{filler}" if filler else f"{PROGRESS_PREFIX}_{number}"


def is_progress_key(key: object) -> bool:
    """Whether a top-level key of a run-like stream is progress; everything else there is a run."""
    return isinstance(key, str) and key.startswith(PROGRESS_PREFIX)


def encode_progress(number: int, checked: int, total: int, filler: str = "") -> bytes:
    """The three records of one frame.

    checked: runs looked at so far, from 1 and from the offset on. total: all runs of the project.
    filler: from `make_filler` pushes what was sent before it through compression buffers, at about 110 kB.
    """
    return encode_tree([checked, total], (progress_key(number, filler),))


def make_filler(seed: bytes, characters: int = FILLER_CHARACTERS) -> str:
    """Digits and minus signs that hardly compress. Same seed, same filler: make one per process and keep it."""
    return hashlib.shake_128(seed).digest(characters).translate(_DIGITS).decode()
