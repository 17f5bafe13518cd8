"""A subtree of params as events: large values set aside, an object of very many members cut."""

from collections.abc import Iterator

from command_api.application.claim_check import Claims
from command_api.application.ingest.limits import MAX_PART_BYTES
from contracts.events import ParamsSet
from contracts.trees import MAX_INLINE_BYTES, Tree, pack

Path = tuple[str | int, ...]
Members = dict[str | int, Tree]


def params_events(path: Path, value: Tree, claims: Claims) -> list[ParamsSet]:
    """The first event replaces the subtree, the others add to it; nearly always it is one."""
    if len(pack(value)) <= MAX_INLINE_BYTES:
        return [ParamsSet(path=path, value=value)]
    return list(_cut(path, claims.value(value)))


def members_events(members: Members, claims: Claims) -> list[ParamsSet]:
    """Each member replaces its own subtree at the top, and what else is there stays."""
    if len(pack(members)) <= MAX_INLINE_BYTES:
        return [ParamsSet(path=(), value=members, merge=True)]
    return list(_cut_members((), claims.value(members), merge=True, fresh=False))


def _cut(path: Path, value: Tree, *, fresh: bool = False) -> Iterator[ParamsSet]:
    """fresh: nothing stands at the path that would have to go."""
    if isinstance(value, dict) and len(pack(value)) > MAX_PART_BYTES:
        yield from _cut_members(path, value, merge=fresh, fresh=fresh)
    else:
        yield ParamsSet(path=path, value=value)


def _cut_members(path: Path, members: Members, *, merge: bool, fresh: bool) -> Iterator[ParamsSet]:
    """merge: what stands at the path stays. fresh: nothing does, so that nothing below must be replaced either."""
    for part, is_large in _grouped(members):
        if not is_large:
            yield ParamsSet(path=path, value=part, merge=merge)
        elif not merge:
            # What stood there goes; the member comes in parts of its own.
            yield ParamsSet(path=path, value={})
        fresh = fresh or not merge
        merge = True
        if is_large:
            ((key, member),) = part.items()
            yield from _cut((*path, key), member, fresh=fresh)


def _grouped(members: Members) -> Iterator[tuple[Members, bool]]:
    """Members that fit into an event together, in their order; those that are too large for one alone, marked."""
    part: Members = {}
    filled = 0
    for key, member in members.items():
        size = len(pack({key: member}))
        is_large = size > MAX_PART_BYTES
        if part and filled + size > MAX_PART_BYTES:
            yield part, False
            part, filled = {}, 0
        if is_large:
            yield {key: member}, True
        else:
            part[key] = member
            filled += size
    if part:
        yield part, False
