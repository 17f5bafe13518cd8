"""Parameters of a run that readers do not see, or not always."""

from contracts.trees import Tree

SYSTEM_PARAMS = "__system_params"
BLOB_PARAMS = "__blobs__"
"""Bookkeeping of one client's blobs; no reader is shown it."""


def shown_params(params: dict[str | int, Tree], *, system: bool) -> dict[str | int, Tree]:
    """system: whether `__system_params` are shown."""
    hidden = (BLOB_PARAMS,) if system else (BLOB_PARAMS, SYSTEM_PARAMS)
    return {key: value for key, value in params.items() if key not in hidden}
