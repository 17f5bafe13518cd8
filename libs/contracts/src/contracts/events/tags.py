"""Tags: on runs, and as entries of the catalog."""

from typing import Literal

from contracts.events.base import CatalogEvent, RunEvent


class RunTagged(RunEvent, frozen=True, kw_only=True):
    """`tag_id` is kept as given, also if the catalog knows it as an alias or not at all.

    `name` is the text that the client used: a later RunUntagged by name finds it without the catalog.
    """

    tag_id: str
    name: str
    by: Literal["client", "user"] = "user"


class RunUntagged(RunEvent, frozen=True, kw_only=True):
    """Removes the tags with one of these ids, and those that were attached under this name."""

    tag_ids: tuple[str, ...] = ()
    name: str | None = None
    by: Literal["client", "user"] = "user"


class TagCreated(CatalogEvent, frozen=True, kw_only=True):
    """The first of a name in log order wins; the id of a later one becomes an alias of the winner's."""

    tag_id: str
    name: str
    color: str | None = None
    description: str | None = None


class TagChanged(CatalogEvent, frozen=True, kw_only=True):
    """All of it or, if the name is another tag's, nothing. None leaves a property as it is, an empty text clears it."""

    tag_id: str
    name: str | None = None
    color: str | None = None
    description: str | None = None
    archived: bool | None = None


class TagDeleted(CatalogEvent, frozen=True, kw_only=True):
    """It is gone from every run, and its name is free: the ids that runs keep of it mean nothing from now on."""

    tag_id: str
