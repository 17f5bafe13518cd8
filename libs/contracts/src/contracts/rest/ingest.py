"""The answer of native ingestion; its request bodies are the messages of the ingestion contract."""

import msgspec


class RejectedMessage(msgspec.Struct, frozen=True):
    """index: of the message in the request, from 0. message: what is wrong with it."""

    index: int
    message: str


class Ingested(msgspec.Struct, frozen=True):
    """accepted: messages that are in the log. rejected: the others. position: token of what was written."""

    accepted: int
    rejected: list[RejectedMessage]
    position: str
