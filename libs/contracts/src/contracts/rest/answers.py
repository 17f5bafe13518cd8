"""Answers that several commands share."""

from typing import Literal

import msgspec


class Changed(msgspec.Struct, frozen=True):
    """The thing that was made or changed."""

    id: str
    status: Literal["OK"] = "OK"
