"""Where a record stands in the log, and the opaque token for the positions that one request wrote."""

import base64
import binascii
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from contracts.errors import BadRequest

_OFFSET_BITS = 48
_TOKEN_LIMIT = 4096  # characters; a request writes to a handful of partitions


def split_version(version: int) -> tuple[int, int]:
    """Generation and offset of the position that has this version."""
    return version >> _OFFSET_BITS, version & ((1 << _OFFSET_BITS) - 1)


class TopicPartition(NamedTuple):
    topic: str
    partition: int


class Position(NamedTuple):
    """One record of the log. `offset` counts from 0 without gaps inside (generation, topic, partition)."""

    generation: int
    topic: str
    partition: int
    offset: int

    @property
    def version(self) -> int:
        """Orders everything of one run or of the catalog; fits a signed 64-bit integer."""
        return self.generation << _OFFSET_BITS | self.offset

    @property
    def topic_partition(self) -> TopicPartition:
        return TopicPartition(self.topic, self.partition)


def encode_token(positions: Iterable[Position]) -> str:
    """The last position of each partition as URL-safe text without padding; opaque to clients."""
    last: dict[TopicPartition, Position] = {}
    for position in positions:
        known = last.get(position.topic_partition)
        if known is None or position > known:
            last[position.topic_partition] = position
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(sorted(last.values()))).decode().rstrip("=")


def decode_token(token: str) -> list[Position]:
    """The positions of a token. Raises BadRequest for text that `encode_token` did not make."""
    if len(token) > _TOKEN_LIMIT:
        raise BadRequest("Invalid position token")
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        return msgspec.msgpack.decode(raw, type=list[Position])
    except (binascii.Error, msgspec.DecodeError, ValueError) as error:
        raise BadRequest("Invalid position token") from error
