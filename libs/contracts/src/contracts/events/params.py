"""Parameters of a run."""

from typing import Any

from contracts.events.base import RunEvent


class ParamsSet(RunEvent, frozen=True, kw_only=True):
    """`value` (a tree) replaces the whole subtree at `path`; an empty path replaces all params.

    Something on the path that is not an object is replaced by an object. merge: `value` is an object whose members are
    each set at their own place below `path`, and what else stands there stays (an object too large for one event comes
    as several). A member of an object may be a StoredValue.
    """

    path: tuple[str | int, ...]
    value: Any
    merge: bool = False


class ParamsDeleted(RunEvent, frozen=True, kw_only=True):
    """The subtree at `path` is gone, if it was there; an empty path removes all params."""

    path: tuple[str | int, ...]
