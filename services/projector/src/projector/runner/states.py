"""The control documents of runs: loaded when a batch needs them, kept while there is room."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

import msgspec

from contracts.tables import RUN_STATES, ViewNames
from projector.fold.run_state import RunState, pack_state, unpack_state
from stores.documents.port import Document, DocumentReader, Put

_IDS_PER_READ = 500
_PACKED = "state"


class CacheLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Whichever is reached first. bytes: of the packed states; in memory they are a few times larger."""

    entries: int = 20_000
    bytes: int = 32 << 20


class StoredState(msgspec.Struct, frozen=True):
    """A state with the size of its packed form."""

    state: RunState
    size: int


class StateCache:
    """The states used last. Holds only what is in the store: a state goes in after it was committed."""

    def __init__(self, limits: CacheLimits) -> None:
        self._limits = limits
        self._kept: OrderedDict[str, StoredState] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, run_id: str) -> RunState | None:
        found = self._kept.get(run_id)
        if found is None:
            return None
        self._kept.move_to_end(run_id)
        return found.state

    def keep(self, states: Iterable[StoredState]) -> None:
        for stored in states:
            self._drop(stored.state.run_id)
            self._kept[stored.state.run_id] = stored
            self._bytes += stored.size
        while self._kept and (len(self._kept) > self._limits.entries or self._bytes > self._limits.bytes):
            self._drop(next(iter(self._kept)))

    def clear(self) -> None:
        self._kept.clear()
        self._bytes = 0

    def _drop(self, run_id: str) -> None:
        known = self._kept.pop(run_id, None)
        self._bytes -= 0 if known is None else known.size


async def load_states(
    documents: DocumentReader, names: ViewNames, cache: StateCache, run_ids: Sequence[str]
) -> dict[str, RunState]:
    """The states of the runs that have one."""
    states: dict[str, RunState] = {}
    missing: list[str] = []
    for run_id in run_ids:
        known = cache.get(run_id)
        if known is None:
            missing.append(run_id)
        else:
            states[run_id] = known
    for start in range(0, len(missing), _IDS_PER_READ):
        found = await documents.get_many(names.collection(RUN_STATES), missing[start : start + _IDS_PER_READ])
        states.update((run_id, unpack_state(document[_PACKED])) for run_id, document in found.items())
    return states


def put_state(names: ViewNames, state: RunState) -> tuple[Put, StoredState]:
    """The write of a state, and what the cache keeps once it is done."""
    packed = pack_state(state)
    document: Document = {"_id": state.run_id, "_v": state.version, _PACKED: packed}
    return Put(names.collection(RUN_STATES), document), StoredState(state, len(packed))
