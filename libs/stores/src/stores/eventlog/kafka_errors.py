"""Errors of the Kafka client as errors of the stores."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import KafkaError, KafkaException

from stores.errors import StoreUnavailable

client_log = logging.getLogger("stores.eventlog.kafka")
"""Where the client's own messages go; without it they would be printed."""


def unavailable(error: KafkaError) -> StoreUnavailable:
    return StoreUnavailable(f"Kafka: {error.name()}: {error.str()}")


def error_of(exception: KafkaException) -> KafkaError:
    """What an exception of the client holds; some hold a text alone."""
    cause = exception.args[0] if exception.args else None
    return cause if isinstance(cause, KafkaError) else KafkaError(KafkaError._FAIL, str(exception))


@contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except KafkaException as exception:
        raise unavailable(error_of(exception)) from exception
