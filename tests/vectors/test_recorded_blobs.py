"""Rows 39 and 40: references end with their run, and nobody can make one. What they open the recorded scenarios say."""

from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio
from tests.vectors.composed import Product, embedded
from tests.vectors_support import Answer, decode, load_runs

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    async with embedded(tmp_path_factory.mktemp("blobs")) as product:
        await load_runs(product.client)
        await product.caught_up()
        yield product


async def test_references_end_with_their_run_and_cannot_be_made(product: Product) -> None:
    run_id = "gone-soon"
    sounds = [{"data": bytes([number]), "format": "wav"} for number in range(3)]
    logged = {"type": "log_custom_object", "name": "clip", "dtype": "audio", "step": 0, "value": sounds}
    answer = await product.client.post(
        f"/api/v1/ingest/runs/{run_id}",
        content=msgspec.msgpack.encode([{"type": "create_run"}, logged]),
        headers={"Content-Type": "application/msgpack"},
    )
    assert answer.json()["rejected"] == []
    await product.caught_up()
    body = [{"name": "clip", "context": {}}]
    batch = await product.client.post(f"/api/runs/{run_id}/audios/get-batch", json=body)
    values = dict(decode(Answer(200, batch.content), "stream")["items"])["values"]
    tokens = [record["blob_uri"] for step in values for record in step]
    before = await product.client.post("/api/runs/audios/get-batch", json=tokens)
    assert len(decode(Answer(200, before.content), "stream")["items"]) == 3
    middle = len(tokens[0]) // 2
    changed = [tokens[0][:middle] + "AAAA" + tokens[0][middle + 4 :], f"{tokens[0]}é", tokens[0][:8], ""]
    refused = await product.client.post("/api/runs/audios/get-batch", json=changed)
    assert (refused.status_code, refused.content) == (200, b"")
    await product.client.delete(f"/api/runs/{run_id}")
    await product.caught_up()
    after = await product.client.post("/api/runs/audios/get-batch", json=tokens)
    assert (after.status_code, after.content) == (200, b"")
