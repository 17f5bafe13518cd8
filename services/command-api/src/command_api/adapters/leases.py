"""Leases in the document store: those of one process are written together, every 30 s."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from contracts.errors import Unavailable
from contracts.read_models.leases import Lease
from contracts.tables import LEASES
from stores.documents.port import Documents, Put

RENEWAL_SECONDS = 30.0

_log = logging.getLogger(__name__)


class StoredLeases:
    """Held in memory between two writings. What is not renewed any more is left to expire: clients connect again."""

    def __init__(self, documents: Documents, clock: Callable[[], float], new_id: Callable[[], str]) -> None:
        self._documents = documents
        self._clock = clock
        self._new_id = new_id
        self._process = new_id()
        self._held: dict[str, str] = {}
        """Run ids by id of the lease."""
        self._touched: set[str] = set()

    @contextmanager
    def hold(self, run_id: str) -> Iterator[None]:
        lease_id = self._new_id()
        self._held[lease_id] = run_id
        try:
            yield
        finally:
            del self._held[lease_id]
            # It was there until now: the next writing says so, once more.
            self._touched.add(run_id)

    def touch(self, run_id: str) -> None:
        self._touched.add(run_id)

    async def renew(self) -> None:
        """Write what is held, and what was touched since the last time. Raises StoreUnavailable; then all is kept."""
        touched = set(self._touched)
        wanted = {**self._held, **{f"{self._process}:{run_id}": run_id for run_id in touched}}
        if not wanted:
            return
        now = self._clock()
        leases = [
            Lease(id=id, version=int(now * 1_000), run_id=run_id, renewed_at=now) for id, run_id in wanted.items()
        ]
        await self._documents.commit([Put(LEASES.name, msgspec.to_builtins(lease)) for lease in leases])
        self._touched -= touched

    async def keep(self) -> None:
        """Renew for ever. A store that is away is tried again: a lease that is late for minutes is still in time."""
        prepared = False
        while True:
            try:
                if not prepared:
                    await self._documents.ensure({LEASES.name: LEASES.indexes})
                    prepared = True
                await self.renew()
            except Unavailable as error:
                _log.warning("leases were not renewed: %s", error)
            except Exception:  # noqa: BLE001 - without leases all connected runs would be finished as stale
                _log.exception("leases were not renewed")
            await asyncio.sleep(RENEWAL_SECONDS)
