"""Bodies of rows 2, 8 and 9: what commands on one run take and answer. Unknown fields are ignored."""

from typing import Literal

import msgspec

from contracts.rest.bounds import Name, Text


class RunChange(msgspec.Struct, frozen=True):
    """Null leaves a property as it is. experiment: a name, made if missing; an empty one detaches the run."""

    name: Name | None = None
    description: Text | None = None
    archived: bool | None = None
    experiment: Name | None = None
    active: bool | None = None


class TagToAttach(msgspec.Struct, frozen=True):
    tag_name: Name


class TagAttached(msgspec.Struct, frozen=True):
    """id: of the run."""

    id: str
    tag_id: str
    status: Literal["OK"] = "OK"


class TagDetached(msgspec.Struct, frozen=True):
    """id: of the run. removed: false if the run did not have the tag."""

    id: str
    removed: bool
    status: Literal["OK"] = "OK"
