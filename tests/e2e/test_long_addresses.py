"""Queries come in addresses: what fits the language's limit is answered, what does not is refused in the envelope."""

import http.client
import json
from urllib.parse import quote

from tests.e2e.product import Product

KINDS = ("run", "metric", "images", "texts", "audios", "figures", "distributions")


def ask(product: Product, address: str) -> tuple[int, bytes]:
    """By a client that has no limit of its own to an address."""
    connection = http.client.HTTPConnection("127.0.0.1", product.port, timeout=60)
    try:
        connection.request("GET", address)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def search(product: Product, kind: str, q: str) -> tuple[int, bytes]:
    return ask(product, f"/api/v1/rest/runs/search/{kind}?report_progress=false&q={quote(q)}")


def test_query_over_the_limit_is_refused_in_the_envelope(product: Product) -> None:
    for kind in KINDS:
        status, body = search(product, kind, f"run.hash == '{'x' * 100_000}'")
        refusal = json.loads(body)
        assert (status, refusal["error"]["code"]) == (400, "bad_request"), kind
        assert "longer than 65536 bytes" in refusal["message"]


def test_selection_of_two_thousand_runs_is_answered(product: Product) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", product.port, timeout=60)
    connection.request(
        "POST",
        "/api/v1/ingest/runs/one-of-many",
        json.dumps([{"type": "create_run", "client_datetime": "2026-01-01T00:00:00+00:00"}]),
        {"Content-Type": "application/json"},
    )
    assert connection.getresponse().status == 200
    connection.close()
    selected = ", ".join(f"'{number:024x}'" for number in range(2_300))
    text = f"run.hash in [{selected}, 'one-of-many']"
    assert len(text) < 64 * 1024 < len(quote(text))
    status, body = search(product, "run", text)
    assert status == 200
    assert b"one-of-many" in body


def test_path_longer_than_any_name_is_404_in_the_envelope(product: Product) -> None:
    status, body = ask(product, f"/api/runs/{'x' * 100_000}/info?skip_system=true")
    assert status == 404
    assert json.loads(body)["error"]["code"] == "not_found"


def test_address_without_end_is_cut_off(product: Product) -> None:
    status, _ = ask(product, f"/api/runs/search/run?q={'x' * (5 << 20)}")
    assert status == 400
    assert ask(product, "/health/live")[0] == 200
