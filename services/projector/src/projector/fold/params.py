"""Setting and removing subtrees of a run's params."""

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
    root, parent = _opened(params, path)
    parent[path[-1]] = value
    return root


def merge_subtree(params: Params, path: Sequence[str | int], members: Any) -> Params:
    """As `set_subtree` of each member at its own place below `path`. Raises InvalidEvent if `members` is no object."""
    if not isinstance(members, dict):
        raise InvalidEvent("only the members of an object can be merged")
    if not path:
        return {**params, **members}
    root, parent = _opened(params, path)
    present = parent.get(path[-1])
    parent[path[-1]] = {**present, **members} if isinstance(present, dict) else members
    return root


def delete_subtree(params: Params, path: Sequence[str | int]) -> Params:
    """A copy without what stands at `path`; the same object if nothing does. An empty path removes everything."""
    if not path:
        return {} if params else params
    node: Any = params
    for key in path:
        if not isinstance(node, dict) or key not in node:
            return params
        node = node[key]
    root, parent = _opened(params, path)
    del parent[path[-1]]
    return root


def _opened(params: Params, path: Sequence[str | int]) -> tuple[Params, Params]:
    """A copy of the params, and in it the object above the last key of the path."""
    if len(path) > MAX_DEPTH:
        raise InvalidEvent(f"a path may not have more than {MAX_DEPTH} keys")
    root = dict(params)
    node = root
    for key in path[:-1]:
        child = node.get(key)
        node[key] = dict(child) if isinstance(child, dict) else {}
        node = node[key]
    return root, node
