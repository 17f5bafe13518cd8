"""A document that goes away."""

import msgspec


class Removed(msgspec.Struct, frozen=True):
    """version: of the event that says so, or of a later one of the same batch."""

    id: str
    version: int
