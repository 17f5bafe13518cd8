"""The log's topics on a broker: made by a job, compared with the settings before anything starts."""

import asyncio
import time
from collections.abc import Mapping

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined] # public, but the client has no __all__
    AdminClient,
    ConfigResource,
    NewTopic,
    ResourceType,
    TopicMetadata,
)

from contracts.topics import TOPICS, TopicSettings
from stores.errors import LogMisconfigured, StoreUnavailable
from stores.eventlog.kafka_errors import error_of, translated
from stores.eventlog.kafka_reader import client_settings

_ANSWER_SECONDS = 15.0
_PAUSE_SECONDS = 0.2
_TRIES = 50
_JOB = "tallybook-command-api topics"
_AT_LEAST = {"max.message.bytes"}
"""Settings that may be larger on the broker; all others must be equal."""


async def create_topics(
    bootstrap: str, replication: int, min_insync: int, security: Mapping[str, str] | None = None
) -> list[str]:
    """Make the topics that are missing, wait until all can be used, then check them. Returns the names made.

    Changes no topic that exists. Raises LogMisconfigured as `check_topics` does, StoreUnavailable if a broker refuses
    or does not answer.
    """
    return await asyncio.to_thread(_create, _admin(bootstrap, security), bootstrap, replication, min_insync)


async def check_topics(
    bootstrap: str, replication: int, min_insync: int, security: Mapping[str, str] | None = None
) -> None:
    """Compare the broker's topics with `contracts.topics` and these two numbers.

    Raises LogMisconfigured with everything that is wrong and how to mend it; StoreUnavailable if no broker answers.
    """
    await asyncio.to_thread(_check, _admin(bootstrap, security), bootstrap, replication, min_insync)


def wanted_config(settings: TopicSettings, min_insync: int) -> dict[str, str]:
    """The broker's names and texts for one topic."""
    return {**settings.config, "min.insync.replicas": str(min_insync)}


def _admin(bootstrap: str, security: Mapping[str, str] | None) -> AdminClient:
    return AdminClient({**client_settings(bootstrap, security or {}), "log_level": 0})


def _create(admin: AdminClient, bootstrap: str, replication: int, min_insync: int) -> list[str]:
    with translated():
        there = admin.list_topics(timeout=_ANSWER_SECONDS).topics
        missing = [settings for settings in TOPICS.values() if settings.name not in there]
        made = [s.name for s in missing if _create_one(admin, s, replication, min_insync)]
    _wait_until_usable(admin)
    _check(admin, bootstrap, replication, min_insync)
    return made


def _create_one(admin: AdminClient, settings: TopicSettings, replication: int, min_insync: int) -> bool:
    """False if another one was faster."""
    topic = NewTopic(
        settings.name,
        num_partitions=settings.partitions,
        replication_factor=replication,
        config=wanted_config(settings, min_insync),
    )
    try:
        admin.create_topics([topic], request_timeout=_ANSWER_SECONDS)[settings.name].result()
    except KafkaException as exception:
        if error_of(exception).code() == KafkaError.TOPIC_ALREADY_EXISTS:
            return False
        raise
    return True


def _wait_until_usable(admin: AdminClient) -> None:
    """A broker tells of a new topic, and of its leaders, a moment after the controller has made it."""
    for _ in range(_TRIES):
        with translated():
            there = admin.list_topics(timeout=_ANSWER_SECONDS).topics
        if all(name in there and _has_leaders(there[name]) for name in TOPICS):
            return
        time.sleep(_PAUSE_SECONDS)
    raise StoreUnavailable(f"the topics of the log have no leaders {_TRIES * _PAUSE_SECONDS:g} s after they were made")


def _has_leaders(topic: TopicMetadata) -> bool:
    return bool(topic.partitions) and all(partition.leader >= 0 for partition in topic.partitions.values())


def _check(admin: AdminClient, bootstrap: str, replication: int, min_insync: int) -> None:
    with translated():
        there = admin.list_topics(timeout=_ANSWER_SECONDS).topics
        found = [settings for settings in TOPICS.values() if settings.name in there]
        configs = _configs(admin, found)
    wrong = [f"topic {name} is missing; fix: run the job {_JOB}" for name in TOPICS if name not in there]
    for settings in found:
        wrong += _wrong_partitions(settings, there[settings.name], replication)
        wrong += wrong_settings(settings.name, wanted_config(settings, min_insync), configs[settings.name], bootstrap)
    if wrong:
        raise LogMisconfigured("\n".join(wrong))


def _configs(admin: AdminClient, topics: list[TopicSettings]) -> dict[str, dict[str, str | None]]:
    """The settings in force of each topic, the broker's defaults included."""
    if not topics:
        return {}
    asked = admin.describe_configs(
        [ConfigResource(ResourceType.TOPIC, settings.name) for settings in topics], request_timeout=_ANSWER_SECONDS
    )
    return {
        resource.name: {entry.name: entry.value for entry in answer.result().values()}
        for resource, answer in asked.items()
    }


def _wrong_partitions(settings: TopicSettings, topic: TopicMetadata, replication: int) -> list[str]:
    wrong = []
    if len(topic.partitions) != settings.partitions:
        wrong.append(
            f"topic {settings.name} has {len(topic.partitions)} partitions instead of {settings.partitions}; fix: an "
            "empty topic can be deleted and made again by the job; one that holds events must be exported and imported "
            "into new topics under a higher generation, because a run must stay in its partition"
        )
    least = min((len(partition.replicas) for partition in topic.partitions.values()), default=0)
    if least < replication:
        wrong.append(
            f"topic {settings.name} has {least} replicas instead of {replication}; "
            "fix: kafka-reassign-partitions.sh, or lower the replication in the settings"
        )
    return wrong


def wrong_settings(topic: str, wanted: Mapping[str, str], found: Mapping[str, str | None], bootstrap: str) -> list[str]:
    """One line for each setting that differs, with the command that mends it. Pure."""
    return [
        f"topic {topic} has {name}={found.get(name)} instead of {value}; fix: kafka-configs.sh --bootstrap-server "
        f"{bootstrap} --alter --entity-type topics --entity-name {topic} --add-config {name}={value}"
        for name, value in wanted.items()
        if not _satisfies(name, value, found.get(name))
    ]


def _satisfies(name: str, wanted: str, found: str | None) -> bool:
    if name in _AT_LEAST and found is not None:
        return int(found) >= int(wanted)
    return found == wanted
