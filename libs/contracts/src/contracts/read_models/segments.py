"""The ready pieces of a run's params: made by the projector, or by a reader where values lie in the blob store."""

from typing import Any, NamedTuple

from contracts.aimcodec.records import encode_tree
from contracts.trees import Tree

SYSTEM_PARAMS = "__system_params"
BLOB_PARAMS = "__blobs__"
"""Bookkeeping of one client's blobs; no reader is shown it."""


class ParamSegments(NamedTuple):
    """The fields of RunSegments of these names."""

    params: bytes
    params_empty: bool
    system_params: bytes


def param_segments(run_id: str, params: dict[str | int, Any]) -> ParamSegments:
    """params: the whole tree, without StoredValues."""
    user = {key: value for key, value in params.items() if key not in (SYSTEM_PARAMS, BLOB_PARAMS)}
    system: Tree = params.get(SYSTEM_PARAMS)
    return ParamSegments(
        params=encode_tree(user, (run_id, "params")),
        params_empty=not user,
        system_params=encode_tree(system, (run_id, "params", SYSTEM_PARAMS)) if SYSTEM_PARAMS in params else b"",
    )
