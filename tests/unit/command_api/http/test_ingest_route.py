import json
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from tests.unit.command_api.http.service import Service

from contracts.events import PointsTracked, RunCreated
from contracts.position import decode_token
from contracts.trees import pack
from stores.errors import LogFull, StoreUnavailable

PATH = "/api/v1/ingest/runs/run-1"
METRIC = {"type": "log_metric", "name": "loss", "value": 1.0, "step": 0}


async def post(service: Service, content: bytes | AsyncIterator[bytes], kind: str, **headers: str) -> Any:
    return await service.client.post(PATH, content=content, headers={"Content-Type": kind, **headers})


def columns() -> bytes:
    points = {"step": np.arange(3, dtype="<i8").tobytes(), "value": np.ones(3, "<f8").tobytes()}
    return pack({"type": "log_metrics", "series": [{"name": "loss"}], "points": points})


@pytest.mark.parametrize(
    ("kind", "content", "accepted"),
    [
        ("application/json", json.dumps([{"type": "create_run"}, METRIC]).encode(), 2),
        ("application/json", json.dumps(METRIC).encode(), 1),
        ("application/json", b'{"type":"log_metric","name":"loss","value":NaN}', 1),
        ("application/x-ndjson", b"\n".join([json.dumps(METRIC).encode()] * 3), 3),
        ("application/msgpack", pack([METRIC]), 1),
        ("application/msgpack", columns(), 1),
    ],
)
@pytest.mark.parametrize("slash", ["", "/"])
async def test_every_format_is_taken(service: Service, kind: str, content: bytes, accepted: int, slash: str) -> None:
    answer = await service.client.post(PATH + slash, content=content, headers={"Content-Type": kind})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["accepted"], body["rejected"]) == (accepted, [])
    assert answer.headers["X-Tallybook-Position"] == body["position"]
    assert decode_token(body["position"])


async def test_bad_items_are_named(service: Service) -> None:
    answer = await service.client.post(PATH, json=[METRIC, {"type": "log_nothing"}, {**METRIC, "value": "x"}])
    assert answer.status_code == 200
    assert [(r["index"], r["message"]) for r in answer.json()["rejected"]] == [
        (1, "unknown type 'log_nothing'"),
        (2, "Expected `float | object`, got `str` - at `$.value`"),
    ]


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        ("application/json", b"{", 422),
        ("application/json", b"", 422),
        ("application/json", b"[]", 422),
        ("application/json", b'[{"type":"x"}]', 422),
        ("text/csv", b"a,b", 422),
        ("application/msgpack", b"\xc1", 422),
        ("application/x-ndjson", b"nope\nnope", 422),
    ],
)
async def test_a_request_without_a_valid_message_is_refused(
    service: Service, kind: str, content: bytes, status: int
) -> None:
    answer = await post(service, content, kind)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, "validation_error")
    assert service.recorded() == []


@pytest.mark.parametrize("run_id", ["progress_1", "%20", "a%20b", "x" * 129])
async def test_a_run_id_that_cannot_be_one_is_refused(service: Service, run_id: str) -> None:
    answer = await service.client.post(f"/api/v1/ingest/runs/{run_id}", json=METRIC)
    assert answer.status_code == 422
    assert service.recorded() == []


async def test_a_repeat_of_a_named_batch_changes_nothing(service: Service) -> None:
    body = [{"type": "create_run"}, {**METRIC, "step": None}]
    answers = [await service.client.post(PATH, json=body, headers={"Idempotency-Key": "b-1"}) for _ in range(3)]
    assert [(a.status_code, a.json()["accepted"]) for a in answers] == [(200, 2)] * 3
    await service.begin()
    (summary,) = (await service.run("run-1")).summaries()
    assert (summary.first_step, summary.last_step) == (0, 0)


@pytest.mark.parametrize("key", ["", "x" * 257])
async def test_a_batch_id_has_a_length(service: Service, key: str) -> None:
    answer = await service.client.post(PATH, json=METRIC, headers={"Idempotency-Key": key})
    assert answer.status_code == 422


@pytest.mark.parametrize("error", [LogFull, StoreUnavailable])
async def test_a_log_that_cannot_take_it_is_503_with_a_time_to_come_back(
    stalled: Service, error: type[StoreUnavailable]
) -> None:
    stalled.faults.fail_next(lambda: error("away"))
    answer = await stalled.client.post(PATH, json=METRIC)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.json()["error"]["code"] == "error"
    assert (await stalled.client.post(PATH, json=METRIC)).status_code == 200


async def test_it_is_answered_though_no_view_moves(stalled: Service) -> None:
    body = [{"type": "create_run"}, METRIC, {"type": "add_tag", "tag_name": "t"}]
    answer = await stalled.client.post(PATH, json=body)
    assert answer.status_code == 200
    assert "X-Tallybook-Visible" not in answer.headers
    assert [type(each.event) for each in stalled.recorded()][:2] == [RunCreated, PointsTracked]


async def test_a_body_that_says_it_is_too_large_is_not_read(service: Service) -> None:
    read = False

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        read = True
        yield b"{}"

    answer = await post(service, body(), "application/json", **{"Content-Length": str(70 << 20)})
    assert not read
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "error")


async def test_a_body_of_unknown_length_is_given_up_at_the_limit_and_not_kept(service: Service) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield bytes(1 << 20)

    tracemalloc.start()
    try:
        answer = await post(service, endless(), "application/json")
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code == 413
    assert sent <= 66
    assert kept < 8 << 20
    assert service.recorded() == []


async def test_no_other_origin_may_write(service: Service) -> None:
    answer = await service.client.post(PATH, json=METRIC, headers={"Origin": "http://elsewhere.test"})
    assert answer.status_code == 403
    assert service.recorded() == []
