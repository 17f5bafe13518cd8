"""Parameters of a run that readers do not see, or not always."""

from contracts.read_models.segments import BLOB_PARAMS, SYSTEM_PARAMS
from contracts.trees import Tree


def shown_params(params: dict[str | int, Tree], *, system: bool) -> dict[str | int, Tree]:
    """system: whether `__system_params` are shown."""
    hidden = (BLOB_PARAMS,) if system else (BLOB_PARAMS, SYSTEM_PARAMS)
    return {key: value for key, value in params.items() if key not in hidden}
