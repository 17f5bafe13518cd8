from collections.abc import AsyncIterator

import httpx
import pytest
from tests.unit.edge.probe import edge


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with edge() as client:
        yield client
