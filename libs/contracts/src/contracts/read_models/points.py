"""Rows of metric points: what the projector makes and the columns port takes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contracts.metric_points import Floats, Integers

Keys = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class PointRows:
    """Rows of the points table. All arrays have shape (n,).

    names: text. data_keys, contexts: `contracts.keys`. steps, values, epochs (NaN if none), times (seconds UTC): as
    folded. versions: of the event that wrote the row; of one (name, data key, context, step) the highest counts.
    """

    names: list[str]
    data_keys: Keys
    contexts: Keys
    steps: Integers
    values: Floats
    epochs: Floats
    times: Floats
    versions: Integers

    def __len__(self) -> int:
        return len(self.steps)
