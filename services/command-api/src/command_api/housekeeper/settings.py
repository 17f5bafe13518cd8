"""When the housekeeper acts. Seconds."""

from collections.abc import Mapping

import msgspec


class HousekeeperSettings(msgspec.Struct, frozen=True, kw_only=True):
    """stale: TALLYBOOK_STALE_SECONDS; an active run without any sign of a client for so long is finished.

    trash: TALLYBOOK_TRASH_SECONDS; so long a deleted run can be taken back, then it is purged. tombstone:
    TALLYBOOK_TOMBSTONE_SECONDS; so long after its purge what clients still send is dropped, then its id may be used
    again. orphan: TALLYBOOK_ORPHAN_SECONDS; an upload that no message named for so long is removed, and so is content
    that old which is of no app and no report. pause: TALLYBOOK_HOUSEKEEPING_SECONDS, between two rounds.
    """

    stale: float = 600.0
    trash: float = 30 * 86_400.0
    tombstone: float = 7 * 86_400.0
    orphan: float = 86_400.0
    pause: float = 60.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "HousekeeperSettings":
        """Raises ValueError for what is no positive number."""
        names = {
            "stale": "TALLYBOOK_STALE_SECONDS",
            "trash": "TALLYBOOK_TRASH_SECONDS",
            "tombstone": "TALLYBOOK_TOMBSTONE_SECONDS",
            "orphan": "TALLYBOOK_ORPHAN_SECONDS",
            "pause": "TALLYBOOK_HOUSEKEEPING_SECONDS",
        }
        given = {field: float(environment[name]) for field, name in names.items() if environment.get(name)}
        for field, seconds in given.items():
            if not 0 < seconds < float("inf"):
                raise ValueError(f"{names[field]} must be a positive number of seconds")
        return cls(**given)
