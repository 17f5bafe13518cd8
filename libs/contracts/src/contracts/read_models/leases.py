"""Who is there: the command API writes it, the housekeeper reads it. No view: nothing of it is in the log."""

import msgspec


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """A client of a run, as long as `renewed_at` (seconds UTC) is not long ago. `_v`: the same in milliseconds."""

    id: str = msgspec.field(name="_id")
    version: int = msgspec.field(name="_v")
    run_id: str
    renewed_at: float
