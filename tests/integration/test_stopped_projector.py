"""The composed product over its real stores in this process, with a projector that comes to its end."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
from prometheus_client import CollectorRegistry

from projector.settings import RunnerSettings
from standalone.bootstrap import Product, running
from standalone.data_folder import DataFolder
from standalone.open_stores import open_stores
from standalone.settings import StandaloneSettings

_PATIENCE_SECONDS = 30.0


async def test_readiness_says_why_the_projector_stopped(tmp_path: Path) -> None:
    """One record that is no event, where the settings allow none."""
    folder = DataFolder.at(tmp_path / "data")
    folder.make()
    settings = StandaloneSettings(data=folder.root, runner=RunnerSettings(dead_letter_limit=0))
    async with (
        open_stores(folder) as stores,
        running(settings, folder, stores, ("http://x",), print, CollectorRegistry()) as product,
    ):
        assert (await readiness(product)).status_code == httpx.codes.OK
        with closing(sqlite3.connect(folder.events)) as log, log:
            log.execute("INSERT INTO \"tallybook.runs/3\" VALUES (0, 'x', x'00')")
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while product.projector.running:
                await product.projector.progressed.wait()
        answer = await readiness(product)
        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert answer.json()["status"] == "degraded"
        assert answer.json()["checks"]["projector"].startswith("the projector stopped: ")


async def readiness(product: Product) -> httpx.Response:
    transport = httpx.ASGITransport(product.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://tallybook.test") as client:
        return await client.get("/health/ready/")
