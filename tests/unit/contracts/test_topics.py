"""The partition of a key is Kafka's own; the topics never forget."""

import random
import string

import pytest
from confluent_kafka import KafkaError, Message, Producer

from contracts.position import Position, TopicPartition
from contracts.topics import (
    CATALOG,
    CATALOG_KEY,
    DEAD_LETTERS,
    RUNS,
    TOPICS,
    event_partitions,
    last_events,
    murmur2,
    partition_for,
)

# The vectors of Kafka's own test of its hash (signed there).
KAFKA_VECTORS = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}
MOCK_PARTITIONS = 4  # what librdkafka's mock cluster gives every topic


@pytest.mark.parametrize("data", KAFKA_VECTORS)
def test_murmur2_agrees_with_kafkas_vectors(data: bytes) -> None:
    assert murmur2(data) == KAFKA_VECTORS[data] & 0xFFFFFFFF


def test_murmur2_agrees_with_the_partitioner_of_librdkafka() -> None:
    random_keys = random.Random(20)
    keys = ["é", CATALOG_KEY] + ["".join(random_keys.choices(string.hexdigits, k=length)) for length in range(1, 60)]
    chosen: dict[str, int | None] = {}

    def delivered(error: KafkaError | None, message: Message) -> None:
        assert error is None
        chosen[(message.key() or b"").decode()] = message.partition()

    producer = Producer({"bootstrap.servers": "mock", "test.mock.num.brokers": 1, "partitioner": "murmur2_random"})
    for key in keys:
        producer.produce("any", b"", key=key, on_delivery=delivered)
    assert producer.flush(30) == 0
    assert chosen == {key: (murmur2(key.encode()) & 0x7FFFFFFF) % MOCK_PARTITIONS for key in keys}


def test_a_key_has_a_partition_of_its_topic() -> None:
    assert [partition_for(RUNS, key) for key in ("21", "foobar", "abc")] == [
        (KAFKA_VECTORS[key] & 0x7FFFFFFF) % 12 for key in (b"21", b"foobar", b"abc")
    ]
    assert partition_for(CATALOG, CATALOG_KEY) == 0


def test_runs_spread_over_all_partitions() -> None:
    assert {partition_for(RUNS, f"run-{i}") for i in range(500)} == set(range(12))


def test_event_partitions_leave_dead_letters_out() -> None:
    assert event_partitions() == [*(TopicPartition(RUNS, p) for p in range(12)), TopicPartition(CATALOG, 0)]
    assert DEAD_LETTERS in TOPICS


def test_the_last_events_are_of_partitions_that_have_some_and_of_no_dead_letters() -> None:
    ends = {TopicPartition(CATALOG, 0): 1, TopicPartition(RUNS, 3): 7, TopicPartition(RUNS, 4): 0}
    assert last_events(2, {**ends, TopicPartition(DEAD_LETTERS, 0): 5}) == [
        Position(2, RUNS, 3, 6),
        Position(2, CATALOG, 0, 0),
    ]


@pytest.mark.parametrize("name", [RUNS, CATALOG, DEAD_LETTERS])
def test_topics_keep_everything_for_ever(name: str) -> None:
    config = TOPICS[name].config
    assert TOPICS[name].name == name
    assert (config["cleanup.policy"], config["retention.ms"], config["retention.bytes"]) == ("delete", "-1", "-1")
    assert config["unclean.leader.election.enable"] == "false"
