"""Parameters of a run."""

from typing import Any

from contracts.events.base import RunEvent


class ParamsSet(RunEvent, frozen=True, kw_only=True):
    """`value` (a tree) replaces the whole subtree at `path`; an empty path replaces all params.

    Something on the path that is not an object is replaced by an object.
    """

    path: tuple[str | int, ...]
    value: Any
