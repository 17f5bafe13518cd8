"""A subtree of params as events: large values set aside, an object of very many members cut."""

from collections.abc import Iterator

from command_api.application.claim_check import Claims
from command_api.application.ingest.limits import MAX_PART_BYTES
from contracts.events import ParamsSet
from contracts.trees import MAX_INLINE_BYTES, Tree, pack

Path = tuple[str | int, ...]


def params_events(path: Path, value: Tree, claims: Claims) -> list[ParamsSet]:
    """The first event replaces the subtree, the others add to it; nearly always it is one."""
    if len(pack(value)) <= MAX_INLINE_BYTES:
        return [ParamsSet(path=path, value=value)]
    return list(_cut(path, claims.value(value)))


def _cut(path: Path, value: Tree) -> Iterator[ParamsSet]:
    if not isinstance(value, dict) or len(pack(value)) <= MAX_PART_BYTES:
        yield ParamsSet(path=path, value=value)
        return
    # What stood there goes with the first part. A member that needs parts of its own holds its place until they come.
    part: dict[str | int, Tree] = {}
    filled, merge = 0, False
    for key, member in value.items():
        size = len(pack({key: member}))
        large = size > MAX_PART_BYTES
        if part and (filled + size > MAX_PART_BYTES):
            yield ParamsSet(path=path, value=part, merge=merge)
            part, filled, merge = {}, 0, True
        if not large:
            part[key] = member
            filled += size
            continue
        yield ParamsSet(path=path, value={key: {}}, merge=merge)
        merge = True
        yield from _cut((*path, key), member)
    if part:
        yield ParamsSet(path=path, value=part, merge=merge)
