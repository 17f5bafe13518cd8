"""Values too large for an event, from a client's message to what readers see."""

from collections.abc import AsyncIterator

import pytest
from tests.vectors.composed import Product, in_memory

from contracts.aimcodec.records import encode_tree

RUN = "run-1"
LARGE = "line of a long text\n" * 100_000
PARAMS = {"prompt": {"text": LARGE, "short": "x"}, "lr": 0.1}


@pytest.fixture
async def product() -> AsyncIterator[Product]:
    async with in_memory() as made:
        messages = [
            {"type": "create_run"},
            {"type": "note", "content": LARGE},
            *({"type": "log_hparams", "value": {key: value}} for key, value in PARAMS.items()),
        ]
        answer = await made.client.post(f"/api/v1/ingest/runs/{RUN}", json=messages)
        assert (answer.status_code, answer.json()["rejected"]) == (200, [])
        await made.caught_up()
        yield made


async def test_a_large_param_is_shown_in_its_place(product: Product) -> None:
    answer = await product.client.get(f"/api/runs/{RUN}/info")
    assert answer.json()["params"] == PARAMS


async def test_a_search_sends_it_and_can_ask_for_it(product: Product) -> None:
    expected = encode_tree(PARAMS, (RUN, "params"))
    for query in ("", "'long text' in run.prompt.text", "run.prompt.short == 'x'"):
        answer = await product.client.get("/api/runs/search/run", params={"q": query})
        assert answer.status_code == 200
        assert expected in answer.content
    answer = await product.client.get("/api/runs/search/run", params={"q": "'other text' in run.prompt.text"})
    assert expected not in answer.content


async def test_it_is_a_text_among_the_params_of_the_project(product: Product) -> None:
    answer = await product.client.get("/api/projects/params")
    text = {"__example_type__": "<class 'str'>"}
    assert answer.json()["params"]["prompt"] == {"text": text, "short": text}


async def test_changing_its_neighbour_keeps_it(product: Product) -> None:
    change = {"type": "log_hparams", "value": {"prompt": {"short": "y"}}}
    await product.client.post(f"/api/v1/ingest/runs/{RUN}", json=change)
    await product.caught_up()
    answer = await product.client.get(f"/api/runs/{RUN}/info")
    assert answer.json()["params"]["prompt"] == {"text": LARGE, "short": "y"}


async def test_a_large_note_is_listed_and_can_be_asked_for(product: Product) -> None:
    (note,) = (await product.client.get(f"/api/runs/{RUN}/note")).json()
    assert note["content"] == LARGE.strip()
    assert (await product.client.get(f"/api/runs/{RUN}/note/{note['id']}")).json()["content"] == LARGE.strip()
    for query, found in (("'long text' in run.notes[0]", True), ("'other text' in run.notes[0]", False)):
        answer = await product.client.get("/api/runs/search/run", params={"q": query})
        assert (encode_tree(PARAMS, (RUN, "params")) in answer.content) is found
