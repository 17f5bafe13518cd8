"""What is asked of the control document of a run by others than the fold, whose own it is."""

from typing import Literal

import msgspec

from contracts.batch_memory import BatchMemory


class RunBatches(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the fields of the fold's state of a run, which is packed; the others are passed over.

    version: of the last event of the run that the views hold. batches: of the current incarnation; where the phase is
    `cleared`, the next event begins one that remembers none.
    """

    version: int
    phase: Literal["live", "deleted", "cleared"]
    batches: BatchMemory
