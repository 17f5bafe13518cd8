"""The development servers really do what the tests on them rely on."""

import asyncio
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import clickhouse_connect
import pymongo
import pytest
import s3fs
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from pymongo.errors import DuplicateKeyError
from tests.servers.clickhouse import ClickHouseServer
from tests.servers.java import REPOSITORY
from tests.servers.kafka import KafkaServer, run_kafka
from tests.servers.mongo import MongoServer, run_mongo
from tests.servers.ports import free_port
from tests.servers.process import ServerFailed, ServerProcess
from tests.servers.requirements import require_tool
from tests.servers.s3 import S3Server


def a_topic(server: KafkaServer, *, partitions: int = 1) -> str:
    """A topic of its own for one test."""
    name = f"test-{uuid.uuid4().hex}"
    admin = AdminClient({"bootstrap.servers": server.bootstrap})
    created = admin.create_topics([NewTopic(name, partitions, 1, config={"retention.ms": "-1"})], operation_timeout=30)
    created[name].result(timeout=30)
    return name


def produce(server: KafkaServer, topic: str, values: list[bytes], *, partition: int = 0) -> list[int]:
    """The offsets of `values`, acknowledged."""
    offsets: list[int] = []

    def delivered(error: KafkaError | None, message: Any) -> None:
        assert error is None, error
        offsets.append(message.offset())

    producer = Producer({"bootstrap.servers": server.bootstrap, "acks": "all", "enable.idempotence": True})
    for value in values:
        producer.produce(topic, value, partition=partition, on_delivery=delivered)
    assert producer.flush(60) == 0
    return offsets


def consume(server: KafkaServer, topic: str, count: int, *, partition: int = 0) -> list[bytes]:
    """The first `count` values of a partition; fewer when they do not come within half a minute."""
    consumer = Consumer({"bootstrap.servers": server.bootstrap, "group.id": "test", "enable.auto.commit": False})
    try:
        consumer.assign([TopicPartition(topic, partition, 0)])
        messages = consumer.consume(count, timeout=30)
        assert [message.error() for message in messages] == [None] * len(messages)
        return [message.value() or b"" for message in messages]
    finally:
        consumer.close()


def watermarks(server: KafkaServer, topic: str, *, partition: int = 0) -> tuple[int, int]:
    consumer = Consumer({"bootstrap.servers": server.bootstrap, "group.id": "test"})
    try:
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=30)
        return low, high
    finally:
        consumer.close()


@pytest.mark.kafka
def test_kafka_gives_back_what_it_acknowledged(kafka_server: KafkaServer) -> None:
    topic = a_topic(kafka_server, partitions=2)
    values = [b"%d" % number for number in range(100)]

    assert produce(kafka_server, topic, values, partition=1) == list(range(100))

    assert consume(kafka_server, topic, 100, partition=1) == values
    assert watermarks(kafka_server, topic, partition=1) == (0, 100)
    assert watermarks(kafka_server, topic, partition=0) == (0, 0)


@pytest.mark.kafka
def test_kafka_makes_no_topic_by_accident(kafka_server: KafkaServer) -> None:
    name = f"never-made-{uuid.uuid4().hex}"

    with pytest.raises(KafkaException) as refused:
        watermarks(kafka_server, name)

    assert refused.value.args[0].code() in {KafkaError._UNKNOWN_PARTITION, KafkaError.UNKNOWN_TOPIC_OR_PART}
    assert name not in AdminClient({"bootstrap.servers": kafka_server.bootstrap}).list_topics(timeout=30).topics


@pytest.mark.kafka
def test_kafka_keeps_what_it_acknowledged_over_a_kill(tmp_path: Path) -> None:
    with run_kafka(tmp_path) as server:
        topic = a_topic(server)
        produce(server, topic, [b"one", b"two"])

        server.kill()
        server.restart()

        assert produce(server, topic, [b"three"]) == [2]
        assert consume(server, topic, 3) == [b"one", b"two", b"three"]


@pytest.mark.mongo
def test_mongo_refuses_a_stale_guarded_replace(mongo_server: MongoServer) -> None:
    client = pymongo.MongoClient[dict[str, Any]](mongo_server.uri)
    with client:
        documents = client["test"][uuid.uuid4().hex]

        def replace(version: int) -> None:
            guard = {"_id": "run", "version": {"$lt": version}}
            documents.replace_one(guard, {"_id": "run", "version": version}, upsert=True)

        replace(2)
        replace(3)
        with pytest.raises(DuplicateKeyError):
            replace(1)

        assert list(documents.find()) == [{"_id": "run", "version": 3}]


@pytest.mark.mongo
async def test_mongo_serves_the_asynchronous_client(mongo_server: MongoServer) -> None:
    client = pymongo.AsyncMongoClient[dict[str, Any]](mongo_server.uri)
    async with client:
        documents = client["test"][uuid.uuid4().hex]
        await documents.insert_many([{"_id": number, "even": number % 2 == 0} for number in range(10)])

        found = await documents.find({"even": True}).sort("_id", -1).limit(2).to_list()

        assert [document["_id"] for document in found] == [8, 6]


@pytest.mark.mongo
def test_mongo_has_its_documents_after_a_restart(tmp_path: Path) -> None:
    with run_mongo(tmp_path) as server:
        client = pymongo.MongoClient[dict[str, Any]](server.uri)
        with client:
            client["test"]["documents"].insert_one({"_id": 1})

        server.restart()

        client = pymongo.MongoClient[dict[str, Any]](server.uri)
        with client:
            assert client["test"]["documents"].count_documents({}) == 1


def a_table(server: ClickHouseServer, *, engine: str = "MergeTree") -> str:
    """A table (n Int64, text String) of its own for one test."""
    name = f"test_{uuid.uuid4().hex}"
    with clickhouse_connect.get_client(host=server.host, port=server.port) as client:
        client.command(f"CREATE TABLE {name} (n Int64, text String) ENGINE = {engine} ORDER BY n")
    return name


def count_of(client: Any, table: str) -> object:
    return client.command("SELECT count() FROM {table:Identifier}", parameters={"table": table})


_INSERT_AND_COUNT = """
import sys
import clickhouse_connect
host, port, table, first = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
with clickhouse_connect.get_client(host=host, port=port) as client:
    for start in range(first, first + 1000, 100):
        client.insert(table, [[n, "x"] for n in range(start, start + 100)], column_names=["n", "text"])
    own = client.command("SELECT count() FROM {table:Identifier} WHERE n >= {a:Int64} AND n < {b:Int64}",
                         parameters={"table": table, "a": first, "b": first + 1000})
assert own == 1000, own
"""


@pytest.mark.clickhouse
def test_clickhouse_serves_several_processes_at_once(clickhouse_server: ClickHouseServer) -> None:
    table = a_table(clickhouse_server)
    server = [clickhouse_server.host, str(clickhouse_server.port)]
    clients = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", _INSERT_AND_COUNT, *server, table, str(first)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for first in (0, 1000, 2000)
    ]
    outputs = [client.communicate(timeout=120)[0] for client in clients]

    assert [client.returncode for client in clients] == [0, 0, 0], outputs
    with clickhouse_connect.get_client(host=clickhouse_server.host, port=clickhouse_server.port) as client:
        query = "SELECT count(), min(n), max(n) FROM {table:Identifier}"
        assert client.query(query, parameters={"table": table}).result_rows == [(3000, 0, 2999)]


@pytest.mark.clickhouse
async def test_clickhouse_serves_the_asynchronous_client(clickhouse_server: ClickHouseServer) -> None:
    table = a_table(clickhouse_server)
    client = await clickhouse_connect.get_async_client(host=clickhouse_server.host, port=clickhouse_server.port)
    async with client:
        columns: list[list[Any]] = [list(range(20_000)), ["ä"] * 20_000]
        await client.insert(table, columns, column_names=["n", "text"], column_oriented=True)

        query = "SELECT text, n FROM {table:Identifier} WHERE n = {n:Int64}"
        answers = await asyncio.gather(*(client.query(query, parameters={"table": table, "n": n}) for n in range(50)))

        assert [answer.result_rows for answer in answers] == [[("ä", n)] for n in range(50)]


@pytest.mark.clickhouse
async def test_clickhouse_lets_a_reader_leave_a_stream(clickhouse_server: ClickHouseServer) -> None:
    client = await clickhouse_connect.get_async_client(host=clickhouse_server.host, port=clickhouse_server.port)
    async with client:
        # More readers than the server runs at once: it can answer at the end only if each leaving frees its place.
        for _ in range(10):
            async with await client.query_row_block_stream("SELECT number FROM system.numbers") as blocks:
                async for block in blocks:
                    assert block[0] == (0,)
                    break

        assert (await client.query("SELECT 1")).result_rows == [(1,)]


@pytest.mark.clickhouse
@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("SELECT * FROM no_such_table", 60),
        ("SELECT no_such_column", 47),
        ("SELECT (", 62),
        ("SELECT throwIf(number = 3) FROM numbers(10)", 395),
        ("SELECT 1 SETTINGS no_such_setting = 1", 115),
        ("SELECT {missing:Int64}", 456),
        ("DROP TABLE no_such_table", 60),
        ("SET max_threads = 1", 48),
        ("DROP TABLE IF EXISTS no_such_table SYNC", 48),
    ],
)
def test_clickhouse_names_the_code_of_an_error(clickhouse_server: ClickHouseServer, statement: str, code: int) -> None:
    with clickhouse_connect.get_client(host=clickhouse_server.host, port=clickhouse_server.port) as client:
        with pytest.raises(DatabaseError) as refused:
            client.command(statement)
        assert refused.value.code == code
        assert client.command("SELECT 5") == 5  # the connection serves on


@pytest.mark.clickhouse
def test_clickhouse_tells_of_an_error_in_the_middle_of_a_stream(clickhouse_server: ClickHouseServer) -> None:
    failing = "SELECT number, throwIf(number = 3000000) FROM numbers(10000000)"
    with clickhouse_connect.get_client(host=clickhouse_server.host, port=clickhouse_server.port) as client:
        seen: list[int] = []
        with client.query_row_block_stream(failing) as blocks, pytest.raises(StreamFailureError) as broken:
            seen.extend(len(block) for block in blocks)

    assert 0 < sum(seen) <= 3_000_000
    assert broken.value.code == 395


@pytest.mark.clickhouse
@pytest.mark.parametrize("form", [False, True])
def test_clickhouse_takes_parameters_as_they_are(clickhouse_server: ClickHouseServer, form: bool) -> None:
    text = 'it\'s a \\ "quoted"\n\ttext — ü\r\n'
    with clickhouse_connect.get_client(
        host=clickhouse_server.host, port=clickhouse_server.port, form_encode_query_params=form
    ) as client:
        assert client.query("SELECT {text:String}", parameters={"text": text}).result_rows == [(text,)]


@pytest.mark.clickhouse
def test_clickhouse_forgets_the_settings_of_a_query(clickhouse_server: ClickHouseServer) -> None:
    setting = "SELECT getSetting('max_block_size'), getSetting('readonly')"
    with clickhouse_connect.get_client(host=clickhouse_server.host, port=clickhouse_server.port) as client:
        ordinary = client.query(setting).result_rows

        # More often than the server has connections, so that each has served such a query.
        for _ in range(8):
            assert client.query(setting, settings={"max_block_size": 77, "readonly": 1}).result_rows == [(77, 1)]
            assert client.query(setting).result_rows == ordinary


@pytest.mark.clickhouse
def test_clickhouse_exchanges_tables(clickhouse_server: ClickHouseServer) -> None:
    old, new = a_table(clickhouse_server), a_table(clickhouse_server)
    with clickhouse_connect.get_client(host=clickhouse_server.host, port=clickhouse_server.port) as client:
        client.insert(new, [[1, "x"]], column_names=["n", "text"])

        client.command(f"EXCHANGE TABLES {old} AND {new}")

        assert [count_of(client, table) for table in (old, new)] == [1, 0]


@pytest.mark.clickhouse
def test_clickhouse_takes_raw_rows_and_arrow(clickhouse_server: ClickHouseServer) -> None:
    table = a_table(clickhouse_server)
    with clickhouse_connect.get_client(host=clickhouse_server.host, port=clickhouse_server.port) as client:
        client.raw_insert(table, ["n", "text"], b'1,"FORMAT CSV\n"\n2,b\n', fmt="CSV")
        client.insert_arrow(table, client.query_arrow("SELECT toInt64(3) AS n, 'c' AS text"))

        rows = client.query("SELECT * FROM {table:Identifier} ORDER BY n", parameters={"table": table}).result_rows

    assert rows == [(1, "FORMAT CSV\n"), (2, "b"), (3, "c")]


@pytest.mark.clickhouse
def test_clickhouse_survives_rows_that_its_client_cannot_write(clickhouse_server: ClickHouseServer) -> None:
    table = a_table(clickhouse_server)
    with clickhouse_connect.get_client(host=clickhouse_server.host, port=clickhouse_server.port) as client:
        with pytest.raises(ValueError, match="not a number"):
            client.insert(table, [["not a number", "x"]], column_names=["n", "text"])

        assert count_of(client, table) == 0


def test_s3_gives_back_what_was_put(s3_server: S3Server) -> None:
    path = f"{s3_server.bucket}/folder/{uuid.uuid4().hex} with spaces"
    files = s3fs.S3FileSystem(**s3_server.storage_options(), skip_instance_cache=True)

    files.pipe_file(path, b"0123456789")

    assert files.cat_file(path) == b"0123456789"
    assert files.cat_file(path, start=2, end=5) == b"234"
    assert files.info(path)["size"] == 10
    files.rm_file(path)
    assert not files.exists(path)


def test_a_server_that_does_not_start_shows_its_log(tmp_path: Path) -> None:
    process = ServerProcess(
        name="Broken",
        command=[sys.executable, "-c", "raise SystemExit('the reason')"],
        log=tmp_path / "log",
        is_ready=lambda: False,
    )

    with pytest.raises(ServerFailed, match=r"Broken ended with 1 at its start(.|\n)*the reason"):
        process.start()

    assert not process.is_running


def test_a_server_that_is_never_ready_is_not_left_running(tmp_path: Path) -> None:
    process = ServerProcess(
        name="Idle",
        command=[sys.executable, "-c", "import time; time.sleep(600)"],
        log=tmp_path / "log",
        is_ready=lambda: False,
        start_seconds=0.5,
    )

    with pytest.raises(ServerFailed, match="not ready"):
        process.start()

    assert not process.is_running


def test_processes_that_run_at_once_give_out_no_port_twice() -> None:
    ours = {free_port() for _ in range(200)}
    program = "from tests.servers.ports import free_port; print(*(free_port() for _ in range(300)))"
    other = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert ours.isdisjoint(map(int, other.stdout.split()))


def test_a_missing_tool_skips_but_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="how to get it"):
        require_tool(["no-such-program"], "how to get it")

    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="how to get it"):
        require_tool(["no-such-program"], "how to get it")
