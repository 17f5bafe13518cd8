"""Both engines behind the columns port. The embedded one has one folder per process: tests share it by table."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.tables import ViewNames
from projector.migrations import migrate, remove
from stores.columns.clickhouse import ClickHouseColumns
from stores.columns.port import Columns

ENGINES = ["embedded", pytest.param("server", marks=pytest.mark.clickhouse)]


@pytest.fixture(scope="session")
def engine_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("columns engine") / "data"


@pytest.fixture(params=ENGINES)
def dsn(request: pytest.FixtureRequest) -> str:
    if request.param == "embedded":
        return f"chdb://{request.getfixturevalue('engine_folder')}"
    return str(request.getfixturevalue("clickhouse_server").dsn)


@pytest.fixture
async def columns(dsn: str) -> AsyncIterator[Columns]:
    opened = await ClickHouseColumns.open(dsn)
    yield opened
    await opened.close()


@pytest.fixture
async def names(columns: Columns) -> AsyncIterator[ViewNames]:
    """Of empty tables as the migrations make them."""
    made = ViewNames(uuid.uuid4().int % 1_000_000_000)
    await migrate(columns, made)
    yield made
    await remove(columns, made)


@pytest.fixture
def table(names: ViewNames) -> str:
    """The points table."""
    return names.points
