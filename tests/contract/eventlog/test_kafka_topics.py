"""The topics on a real broker: what is made passes the check, and each fault is told with its fix."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined] # public, but the client has no __all__
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)
from tests.servers.kafka import KafkaServer, run_kafka

from contracts.topics import CATALOG, DEAD_LETTERS, RUNS, TOPICS
from stores.errors import LogMisconfigured, StoreUnavailable
from stores.eventlog.kafka import KafkaEventLogReader, KafkaEventLogWriter
from stores.eventlog.kafka_topics import check_topics, create_topics
from stores.eventlog.port import NewRecord

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """Empty at first; a test that breaks something mends it."""
    with run_kafka(tmp_path_factory.mktemp("own-kafka")) as server:
        yield server


@pytest.fixture
def admin(own_broker: KafkaServer) -> AdminClient:
    return AdminClient({"bootstrap.servers": own_broker.bootstrap})


def alter(admin: AdminClient, topic: str, name: str, value: str) -> None:
    entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    for future in admin.incremental_alter_configs([resource]).values():
        future.result()


async def test_missing_topics_are_told_made_once_and_then_right(tmp_path: Path) -> None:
    with run_kafka(tmp_path) as server:
        with pytest.raises(LogMisconfigured, match="job") as missing:
            await check_topics(server.bootstrap, replication=1, min_insync=1)
        assert all(name in missing.value.message for name in TOPICS)
        with pytest.raises(StoreUnavailable, match="REPLICATION"):
            await create_topics(server.bootstrap, replication=3, min_insync=2)
        assert await create_topics(server.bootstrap, replication=1, min_insync=1) == list(TOPICS)
        assert await create_topics(server.bootstrap, replication=1, min_insync=1) == []
        await check_topics(server.bootstrap, replication=1, min_insync=1)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("retention.ms", "604800000"),
        ("retention.bytes", "1000000"),
        ("cleanup.policy", "compact"),
        ("min.insync.replicas", "2"),
        ("unclean.leader.election.enable", "true"),
        ("max.message.bytes", "1000"),
    ],
)
async def test_a_wrong_setting_is_refused_with_its_fix(
    own_broker: KafkaServer, admin: AdminClient, name: str, wrong: str
) -> None:
    await create_topics(own_broker.bootstrap, replication=1, min_insync=1)
    right = {**TOPICS[RUNS].config, "min.insync.replicas": "1"}[name]
    alter(admin, RUNS, name, wrong)
    try:
        with pytest.raises(LogMisconfigured) as refused:
            await check_topics(own_broker.bootstrap, replication=1, min_insync=1)
        with pytest.raises(LogMisconfigured):
            await create_topics(own_broker.bootstrap, replication=1, min_insync=1)
    finally:
        alter(admin, RUNS, name, right)
    assert f"topic {RUNS} has {name}={wrong} instead of {right}" in refused.value.message
    assert f"--entity-name {RUNS} --add-config {name}={right}" in refused.value.message
    assert CATALOG not in refused.value.message
    await check_topics(own_broker.bootstrap, replication=1, min_insync=1)


async def test_a_larger_message_limit_is_accepted(own_broker: KafkaServer, admin: AdminClient) -> None:
    await create_topics(own_broker.bootstrap, replication=1, min_insync=1)
    alter(admin, CATALOG, "max.message.bytes", str(1 << 21))
    await check_topics(own_broker.bootstrap, replication=1, min_insync=1)


async def test_too_few_replicas_and_other_demands_are_refused(own_broker: KafkaServer) -> None:
    await create_topics(own_broker.bootstrap, replication=1, min_insync=1)
    with pytest.raises(LogMisconfigured) as refused:
        await check_topics(own_broker.bootstrap, replication=3, min_insync=2)
    assert f"topic {RUNS} has 1 replicas instead of 3" in refused.value.message
    assert "min.insync.replicas=1 instead of 2" in refused.value.message


async def test_a_wrong_number_of_partitions_is_refused(own_broker: KafkaServer, admin: AdminClient) -> None:
    await create_topics(own_broker.bootstrap, replication=1, min_insync=1)
    admin.delete_topics([DEAD_LETTERS])[DEAD_LETTERS].result()
    admin.create_topics([NewTopic(DEAD_LETTERS, num_partitions=3, replication_factor=1)])[DEAD_LETTERS].result()
    try:
        with pytest.raises(LogMisconfigured, match=f"topic {DEAD_LETTERS} has 3 partitions instead of 1"):
            await create_topics(own_broker.bootstrap, replication=1, min_insync=1)
    finally:
        admin.delete_topics([DEAD_LETTERS])[DEAD_LETTERS].result()
    assert await create_topics(own_broker.bootstrap, replication=1, min_insync=1) == [DEAD_LETTERS]


async def test_a_broker_that_dies_is_told_and_one_that_returns_is_used(own_broker: KafkaServer) -> None:
    await create_topics(own_broker.bootstrap, replication=1, min_insync=1)
    writer = await KafkaEventLogWriter.open(own_broker.bootstrap, 1, delivery_timeout_seconds=2.0)
    reader = await KafkaEventLogReader.open(own_broker.bootstrap, 1)
    record = NewRecord(CATALOG, 0, "k", b"x")
    try:
        [before] = await writer.append([record])
        await reader.check()  # it remembers the leaders
        own_broker.kill()
        with pytest.raises(StoreUnavailable):
            await writer.append([record])
        own_broker.restart()
        [after] = await writer.append([record])
        assert await answers_again(reader)
        kept = await reader.read(before.topic_partition, before.offset)
        assert [r.position for r in kept][:1] == [before]
        assert after in [r.position for r in kept]
    finally:
        await writer.close()
        await reader.close()


async def answers_again(reader: KafkaEventLogReader) -> bool:
    """The first question may fail: it tells the client that what it remembers is old."""
    try:
        await reader.check()
    except StoreUnavailable:
        await reader.check()
    return True
