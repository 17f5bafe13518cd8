"""Ids for names of tags and experiments: found in the catalog, or created without asking anybody."""

import asyncio
from collections import OrderedDict
from typing import Literal, NamedTuple

from command_api.application.ports import Caller, Tools
from command_api.application.recording import Appended, ToAppend, append
from contracts.errors import Unavailable
from contracts.events import ExperimentCreated, TagCreated
from stores.runs.catalog import Catalog

Kind = Literal["tag", "experiment"]

_REMEMBERED = 10_000


class Found(NamedTuple):
    """created: the creation of the name, as long as no view shows it."""

    id: str
    created: Appended | None = None


class Names:
    """Get-or-create by name for all requests of one process.

    A name that this process created is remembered until the catalog is as young as the creation, so that a burst of
    requests with a new name appends one creation. From then on the catalog alone knows: the entry may have been renamed
    or deleted, and its id would mean nothing. Two replicas may both create; the catalog makes the later id an alias.
    """

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._recent: OrderedDict[tuple[Kind, str], Found] = OrderedDict()
        self._reached = -1
        """Version of the youngest catalog that was seen: what was created up to it is remembered no more."""
        self._creating: dict[tuple[Kind, str], asyncio.Lock] = {}

    async def tag(self, name: str, caller: Caller) -> Found:
        """The id for a tag of this name; a creation is durable when this returns."""
        return await self._find_or_create("tag", name, caller)

    async def experiment(self, name: str, caller: Caller) -> Found:
        return await self._find_or_create("experiment", name, caller)

    async def known_tag_ids(self, name: str) -> tuple[str, ...]:
        """Every id that may stand for the tag of this name; none is created."""
        catalog = await self._catalog()
        recent = self._recent.get(("tag", name))
        ids = [] if recent is None else [recent.id]
        if catalog is not None and (tag := catalog.tag_named(name)) is not None:
            ids += [tag.id, *(alias for alias, target in catalog.aliases.items() if target == tag.id)]
        return tuple(dict.fromkeys(ids))

    async def resolve(self, entity_id: str) -> str:
        """The id that counts; the same one where the views cannot tell."""
        catalog = await self._catalog()
        return entity_id if catalog is None else catalog.resolve(entity_id)

    async def _find_or_create(self, kind: Kind, name: str, caller: Caller) -> Found:
        if (known := await self._known(kind, name)) is not None:
            return known
        lock = self._creating.setdefault((kind, name), asyncio.Lock())
        try:
            async with lock:
                # Another request may have created it while this one waited.
                return await self._known(kind, name) or await self._create(kind, name, caller)
        finally:
            if not lock.locked():
                self._creating.pop((kind, name), None)

    async def _known(self, kind: Kind, name: str) -> Found | None:
        catalog = await self._catalog()
        if catalog is not None:
            entry = catalog.tag_named(name) if kind == "tag" else catalog.experiment_named(name)
            if entry is not None:
                return Found(entry.id)
        return self._recent.get((kind, name))

    async def _create(self, kind: Kind, name: str, caller: Caller) -> Found:
        new_id = self._tools.new_id()
        event = (
            TagCreated(tag_id=new_id, name=name)
            if kind == "tag"
            else ExperimentCreated(experiment_id=new_id, name=name, at=self._tools.clock())
        )
        found = Found(new_id, await append(self._tools, caller, [ToAppend(event)]))
        if _version(found) > self._reached:
            self._recent[kind, name] = found
        if len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)
        return found

    async def _catalog(self) -> Catalog | None:
        """None while the views cannot be read: ingestion goes on, and aliases repair a second creation."""
        try:
            catalog = await self._tools.views.catalog()
        except Unavailable:
            return None
        if catalog.version > self._reached:
            self._reached = catalog.version
            for key in [key for key, found in self._recent.items() if _version(found) <= catalog.version]:
                del self._recent[key]
        return catalog


def _version(found: Found) -> int:
    """Of the creation; every catalog is at least as young as one that is long known."""
    return -1 if found.created is None else found.created.positions[-1].version
