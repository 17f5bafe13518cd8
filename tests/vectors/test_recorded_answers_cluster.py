"""The same answers from the query API as a service of its own, over servers of documents and of columns."""

import uuid

import pytest
from tests.servers.clickhouse import ClickHouseServer
from tests.servers.mongo import MongoServer
from tests.vectors.asking import COMPARED, load_into
from tests.vectors.composed import in_memory, on_servers
from tests.vectors.deviations import unexplained

from contracts.routes import REST_PREFIX
from stores.columns.clickhouse import ClickHouseColumns

pytestmark = [pytest.mark.mongo, pytest.mark.clickhouse]


async def test_answers_are_as_recorded(mongo_server: MongoServer, clickhouse_server: ClickHouseServer) -> None:
    database = f"recorded_{uuid.uuid4().hex[:8]}"
    await _drop_points(clickhouse_server.dsn)
    try:
        async with on_servers(mongo_server.uri, database, clickhouse_server.dsn) as full, in_memory() as empty:
            loaded = await load_into(full, empty)
            assert (await full.reads.get("/health/ready")).status_code == 200
            found = {name: unexplained(name, await loaded.differences(name, REST_PREFIX)) for name in COMPARED}
            assert {name: differences for name, differences in found.items() if differences} == {}
    finally:
        await _drop_points(clickhouse_server.dsn)


async def _drop_points(dsn: str) -> None:
    """The server is shared by all tests of a session, and so is the name of the first version's table."""
    columns = await ClickHouseColumns.open(dsn)
    try:
        await columns.execute("DROP TABLE IF EXISTS points_v1")
    finally:
        await columns.close()
