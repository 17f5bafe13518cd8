"""Servers that tests share: each starts when the first test asks for it and lives until the session ends.

A test that kills one of them starts it again before it ends; one that needs an empty server runs its own by
`tests.servers`.
"""

from collections.abc import Iterator

import pytest
from tests.servers.clickhouse import ClickHouseServer, run_clickhouse
from tests.servers.kafka import KafkaServer, run_kafka
from tests.servers.mongo import MongoServer, run_mongo
from tests.servers.s3 import S3Server, run_s3


@pytest.fixture(scope="session")
def kafka_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    with run_kafka(tmp_path_factory.mktemp("kafka")) as server:
        yield server


@pytest.fixture(scope="session")
def mongo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    with run_mongo(tmp_path_factory.mktemp("mongo")) as server:
        yield server


@pytest.fixture(scope="session")
def clickhouse_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseServer]:
    with run_clickhouse(tmp_path_factory.mktemp("clickhouse")) as server:
        yield server


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with run_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server
