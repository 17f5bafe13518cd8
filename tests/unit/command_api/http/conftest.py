from collections.abc import AsyncIterator

import pytest
from tests.unit.command_api.http.service import Service, running


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running() as service:
        yield service


@pytest.fixture
async def stalled() -> AsyncIterator[Service]:
    """The log takes everything, and no view ever shows it."""
    async with running(follow=False) as service:
        yield service


@pytest.fixture
async def twins() -> AsyncIterator[Service]:
    """Two replicas over the same stores."""
    async with running(replicas=2) as service:
        yield service
