"""The default predicate: archived runs stay out unless the query speaks of them."""

from typing import Final

_MENTION: Final = "run.archived"


def hides_archived_runs(text: str) -> bool:
    """Whether archived runs are left out.

    Purely textual, as in the reference: a string literal or `run.archived_by` lifts it, `run .archived` does not.
    """
    return _MENTION not in text
