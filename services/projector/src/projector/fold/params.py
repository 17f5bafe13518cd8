"""Setting a subtree of a run's params."""

from collections.abc import Sequence
from typing import Any

from contracts.errors import InvalidEvent
from contracts.trees import MAX_DEPTH

Params = dict[str | int, Any]


def set_subtree(params: Params, path: Sequence[str | int], value: Any) -> Params:
    """A copy in which `value` is what stands at `path`; only objects on the path are copied, the rest is shared.

    What is no object on the path becomes one. Raises InvalidEvent if the whole would be no object, and for a path
    that is deeper than a tree may be.
    """
    if not path:
        if not isinstance(value, dict):
            raise InvalidEvent("all params together must be an object")
        return value
    if len(path) > MAX_DEPTH:
        raise InvalidEvent(f"a path may not have more than {MAX_DEPTH} keys")
    root = dict(params)
    node = root
    for key in path[:-1]:
        child = node.get(key)
        node[key] = dict(child) if isinstance(child, dict) else {}
        node = node[key]
    node[path[-1]] = value
    return root
