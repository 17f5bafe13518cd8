"""The housekeeper: every minute it looks what time has done."""

import asyncio
import logging
from collections.abc import Mapping

from command_api.housekeeper.desk import Desk, view_of_now
from command_api.housekeeper.orphans import remove_orphan_uploads
from command_api.housekeeper.settings import HousekeeperSettings
from command_api.housekeeper.stale_runs import finish_stale_runs, forget_old_leases
from command_api.housekeeper.trash import clear_old_tombstones, purge_old_trash
from command_api.housekeeper.unshown_content import remove_unshown_content
from command_api.metrics import CommandMetrics
from contracts.errors import Unavailable

_log = logging.getLogger(__name__)

_SWEEPS_IN_TIME = 24
"""How often orphans are looked for in the time that an upload may stay one: hourly, if that is a day."""
_PATIENCE_SECONDS = 20.0
"""How long a round waits for views that are behind the log; the next round tries again."""


class Housekeeper:
    """One at a time is enough; two do the same work twice and no harm: the fold ignores what was done before."""

    def __init__(
        self,
        desk: Desk,
        settings: HousekeeperSettings,
        metrics: CommandMetrics,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self._desk = desk
        self._settings = settings
        self._metrics = metrics
        self._patience = patience_seconds
        self._watching_since = self._last_round = desk.clock()
        self._swept: float | None = None

    async def run(self) -> None:
        """Round after round, for ever. What is away now is asked again in the next round."""
        while True:
            await asyncio.sleep(self._settings.pause)
            try:
                await self.round()
            except Unavailable as error:
                _log.warning("the housekeeper could not do its round: %s", error)
            except Exception:  # noqa: BLE001 - a housekeeper that ended by a bug would not be missed for weeks
                _log.exception("the housekeeper's round failed")

    async def round(self) -> bool:
        """Everything that is due; False if the views lag, then nothing was done. Raises StoreUnavailable, LogFull."""
        names = await view_of_now(self._desk, self._patience)
        if names is None:
            _log.warning("the views are behind the log: the housekeeper waits")
            return False
        now, settings = self._desk.clock(), self._settings
        done: dict[str, int] = {}
        if self._watched_for(settings.stale, now):
            done["stale_runs"] = await finish_stale_runs(self._desk, names, now - settings.stale)
        done["purges"] = await purge_old_trash(self._desk, names, now - settings.trash)
        done["tombstones"] = await clear_old_tombstones(self._desk, names, now - settings.tombstone)
        done["leases"] = await forget_old_leases(self._desk, now - 2 * settings.stale)
        self._count(done)
        # Last: the blob store may be away, and a listing of many blobs takes its time, so not in every round.
        if self._swept is None or now - self._swept >= settings.orphan / _SWEEPS_IN_TIME:
            self._count({"orphans": await remove_orphan_uploads(self._desk, names, now - settings.orphan)})
            self._count({"contents": await remove_unshown_content(self._desk, names, now - settings.orphan)})
            self._swept = now
        return True

    def _watched_for(self, seconds: float, now: float) -> bool:
        """Whether signs of clients would have been seen all the while.

        Nobody renews a lease while nothing runs, the machine sleeps or the documents are away: afterwards clients get
        as long to come back as ever.
        """
        if now - self._last_round > self._settings.pause + self._settings.stale / 2:
            self._watching_since = now
        self._last_round = now
        return now - self._watching_since >= seconds

    def _count(self, done: Mapping[str, int]) -> None:
        for duty, count in done.items():
            self._metrics.housekeeping.labels(duty).inc(count)
