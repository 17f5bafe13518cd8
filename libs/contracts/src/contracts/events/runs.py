"""Life and properties of a run. Times are seconds UTC."""

from typing import Literal

from contracts.events.base import RunEvent

FinishReason = Literal["client", "user", "stale"]


class RunCreated(RunEvent, frozen=True, kw_only=True):
    """A client began the run. Of a run that exists already it is read as a resume.

    session: when the client began this session, where `at` says when the run was created. It tells a new session from
    a repeat of one; None if `at` does.
    """

    at: float
    session: float | None = None


class RunResumed(RunEvent, frozen=True, kw_only=True):
    """The run goes on: active again, end time gone. From a client it begins an unknown run; from a user it does not.

    session: as of RunCreated; a user begins none.
    """

    at: float
    by: Literal["client", "user"] = "client"
    session: float | None = None


class RunFinished(RunEvent, frozen=True, kw_only=True):
    """`at` is the end time; of the reason `stale` it is a guess. A run keeps the first end time that was told."""

    at: float
    reason: FinishReason


class RunRenamed(RunEvent, frozen=True, kw_only=True):
    name: str
    by: Literal["client", "user"] = "user"


class RunDescribed(RunEvent, frozen=True, kw_only=True):
    description: str
    by: Literal["client", "user"] = "user"


class RunMovedToExperiment(RunEvent, frozen=True, kw_only=True):
    """`experiment_id` is kept as given (readers follow the catalog's aliases); None detaches the run."""

    experiment_id: str | None
    by: Literal["client", "user"] = "user"


class RunArchived(RunEvent, frozen=True, kw_only=True):
    by: Literal["client", "user"] = "user"


class RunUnarchived(RunEvent, frozen=True, kw_only=True):
    by: Literal["client", "user"] = "user"


class RunDeleted(RunEvent, frozen=True, kw_only=True):
    """Hidden from every reader; what clients still send is dropped until the tombstone is cleared."""


class RunUndeleted(RunEvent, frozen=True, kw_only=True):
    """Out of the trash: the same incarnation is visible again, and its tombstone is gone."""


class RunPurged(RunEvent, frozen=True, kw_only=True):
    """What lies in the trash of this incarnation is removed for good, rows now and blobs as soon as nobody needs them.

    The tombstone stays. An incarnation that is not in the trash is left alone.
    """

    incarnation: int


class TombstoneCleared(RunEvent, frozen=True, kw_only=True):
    """The id may be used again: its next ingestion event begins a new, empty incarnation.

    incarnation: the one whose tombstone is meant, None for whichever it is.
    """

    incarnation: int | None = None
