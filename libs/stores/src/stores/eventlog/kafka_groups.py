"""Where the consumer group goes on reading, made to agree with the checkpoints before a worker starts.

The checkpoints alone are the truth. A group may be ahead of them when a store was restored from a backup, or when the
consumer committed what it had skipped; a worker would meet a gap then and stop.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException
from confluent_kafka import TopicPartition as KafkaPartition
from confluent_kafka.admin import AdminClient

from contracts.position import TopicPartition
from contracts.topics import event_partitions
from stores.errors import StoreUnavailable
from stores.eventlog.kafka_errors import client_log, error_of, translated
from stores.eventlog.kafka_reader import client_settings

_ANSWER_SECONDS = 10.0

Offsets = Mapping[TopicPartition, int]


class GroupOffsets:
    """The committed offsets of one group. Blocking calls go to threads."""

    def __init__(self, bootstrap: str, group: str, security: Mapping[str, str]) -> None:
        common = client_settings(bootstrap, security)
        self._admin = AdminClient({**common, "log_level": 0})
        # It joins nothing and commits nothing.
        self._member = {**common, "group.id": group, "enable.auto.commit": False}
        self._group = group

    async def hold_back(self, checkpoints: Callable[[], Awaitable[Offsets]]) -> Offsets:
        """Set the group back where it is ahead of the checkpoints; returns the offsets that were set.

        `checkpoints` gives the next offset of each partition; it is asked after the group is: both only rise, so a
        worker that is alive meanwhile looks never ahead. Raises StoreUnavailable if the broker refuses, which it does
        while the group has members.
        """
        committed = await asyncio.to_thread(self._committed)
        known = await checkpoints()
        ahead = {p: known.get(p, 0) for p, offset in committed.items() if offset > known.get(p, 0)}
        if ahead:
            await asyncio.to_thread(self._alter, ahead)
        return ahead

    async def has_members(self) -> bool:
        """Whether a worker of the group lives, as far as the broker knows: one that was killed counts for a while."""
        return await asyncio.to_thread(self._has_members)

    def _committed(self) -> Offsets:
        """Asked as a consumer: the same question of an administrator ends the process where the group's coordinator is
        still loading, as it does after a broker's start (librdkafka 2.16: a consumer's group is taken from a client
        that has none)."""
        wanted = [KafkaPartition(*partition) for partition in event_partitions()]
        with translated():
            consumer = Consumer(self._member, logger=client_log)
            try:
                found = consumer.committed(wanted, timeout=_ANSWER_SECONDS)
            finally:
                consumer.close()
        return {TopicPartition(p.topic, p.partition): p.offset for p in found if p.offset >= 0}

    def _alter(self, offsets: Offsets) -> None:
        wanted = [KafkaPartition(*partition, offset) for partition, offset in offsets.items()]
        try:
            asked = self._admin.alter_consumer_group_offsets(
                [ConsumerGroupTopicPartitions(self._group, wanted)], request_timeout=_ANSWER_SECONDS
            )
            answers = asked[self._group].result().topic_partitions
        except KafkaException as exception:
            raise self._refused(error_of(exception).str()) from exception
        errors = [answer.error for answer in answers if answer.error is not None]
        if errors:
            raise self._refused(errors[0].str())

    def _refused(self, why: str) -> StoreUnavailable:
        return StoreUnavailable(
            f"group {self._group} is ahead of the views' checkpoints and cannot be set back ({why}):"
            " stop all its workers, then start again"
        )

    def _has_members(self) -> bool:
        with translated():
            asked = self._admin.describe_consumer_groups([self._group], request_timeout=_ANSWER_SECONDS)
            return bool(asked[self._group].result().members)
