"""Liveness and readiness (rows 84 and 85), and the metrics page (row 86)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from contracts.errors import NotFound


class Alive(msgspec.Struct, frozen=True):
    status: Literal["ok"] = "ok"


class Readiness(msgspec.Struct, frozen=True):
    """checks: by dependency `ok`, or what is wrong with it."""

    status: Literal["ok", "degraded"]
    checks: dict[str, str]


_DEGRADED = ResponseSpec(Readiness, description="A dependency cannot serve", generate_examples=False)

Check = Callable[[], Awaitable[None]]
"""Returns if the dependency can serve, raises otherwise; the text of the error is shown."""

Page = Callable[[], bytes]
"""The index page of the UI that is served at the empty base path."""


def health_routes(checks: Mapping[str, Check], page: Page | None = None) -> list[HTTPRouteHandler]:
    """Routes at the server root. `page`: what `/metrics` shows to a browser, where a UI has the same path."""

    @get("/health/live", operation_id="CheckLive", tags=["operations"])
    async def live() -> Alive:
        """The process answers."""
        return Alive()

    @get("/health/ready", operation_id="CheckReady", tags=["operations"], responses={503: _DEGRADED})
    async def ready() -> Response[Readiness]:
        """Whether every dependency can serve.

        200 if so, else 503 with the text of each that cannot.
        """
        results = {name: await _result(check) for name, check in checks.items()}
        good = all(text == "ok" for text in results.values())
        return Response(Readiness("ok" if good else "degraded", results), status_code=200 if good else 503)

    @get("/metrics", operation_id="GetMetrics", tags=["operations"], media_type="text/plain")
    async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Metrics as Prometheus text.

        A browser that asks for HTML gets the UI's page of the same path.
        """
        vary = {"Vary": "Accept"}
        if page is not None and "text/html" in request.headers.get("accept", ""):
            return Response(page(), media_type="text/html", headers=vary)
        return Response(generate_latest(REGISTRY), headers={**vary, "Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    @get(["/health", "/health/{path:path}"], include_in_schema=False)
    async def unknown() -> None:
        """A probe with a mistyped path must fail, also where a UI has a page for every path."""
        raise NotFound

    return [live, ready, metrics, unknown]


async def _result(check: Check) -> str:
    try:
        await check()
    except Exception as error:  # noqa: BLE001 - whatever a dependency raises is the answer
        return str(error) or type(error).__name__
    return "ok"
