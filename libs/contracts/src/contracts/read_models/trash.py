"""What became of each deleted incarnation of a run."""

import msgspec


class TrashedRun(msgspec.Struct, frozen=True, kw_only=True):
    """One incarnation that was deleted and not taken back. Times are seconds UTC.

    tombstone: whether what clients send to the run is dropped because of it. purged_at: None while it can be taken
    back. purge: version of the last event by which its blobs go, in this partition of the topic of runs: the RunPurged,
    or the TombstoneCleared after it; None before. cleared_at: when the tombstone was cleared; None before.
    """

    id: str = msgspec.field(name="_id")
    version: int = msgspec.field(name="_v")
    run_id: str
    incarnation: int
    name: str
    deleted_at: float
    tombstone: bool
    purged_at: float | None
    purge: int | None
    partition: int
    cleared_at: float | None = None

    @property
    def next_from(self) -> float | None:
        """What was uploaded from then on is no upload of this incarnation; None while no newer one can begin.

        A second early: stores tell the time of a blob in whole seconds.
        """
        return None if self.cleared_at is None else self.cleared_at - 1.0
