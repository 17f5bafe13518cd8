"""Answers that several commands share."""

from typing import Literal

import msgspec


class Done(msgspec.Struct, frozen=True):
    """Of a command that has nothing else to tell; of one on many things, that what could be done is done."""

    status: Literal["OK"] = "OK"


class Changed(msgspec.Struct, frozen=True):
    """The thing that was made or changed."""

    id: str
    status: Literal["OK"] = "OK"
