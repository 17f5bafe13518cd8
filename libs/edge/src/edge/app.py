"""The ASGI application that every HTTP service of ours is: handlers in, everything else the same."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Litestar, Router
from litestar.config.cors import CORSConfig
from litestar.di import Provide
from litestar.plugins.prometheus import PrometheusConfig
from litestar.types import ControllerRouterHandler, LifespanHook

from contracts.routes import AIM_PREFIX, REST_PREFIX
from edge.bodies import StrictRequest
from edge.documentation import DocumentedRoutes, openapi
from edge.failures import HANDLERS
from edge.health import Check, Page, health_routes
from edge.middleware import (
    accept_preflight,
    answer_head,
    forbid_guessing,
    identify,
    name_request,
    no_empty_segments,
    refuse_foreign_origins,
    refuse_impossible_requests,
)
from edge.parameters import TYPE_DECODERS, Flag, FlagSchema
from edge.raw_objects import RawObjectSchema
from edge.settings import EdgeSettings


def create_app(
    settings: EdgeSettings,
    *,
    title: str,
    version: str,
    rest: Sequence[ControllerRouterHandler],
    rest_only: Sequence[ControllerRouterHandler] = (),
    root: Sequence[ControllerRouterHandler] = (),
    checks: Mapping[str, Check],
    dependencies: Mapping[str, Provide] | None = None,
    page: Page | None = None,
    on_startup: Sequence[LifespanHook] = (),
    on_shutdown: Sequence[LifespanHook] = (),
) -> Litestar:
    """An app that serves `rest` under both prefixes, `rest_only` under ours alone, and `root` as it stands.

    `dependencies` are injected by name into handlers; `checks` decide readiness. Opens nothing.
    """
    aim = settings.aim_base + AIM_PREFIX
    return Litestar(
        route_handlers=[
            Router(path=REST_PREFIX, route_handlers=[*rest, *rest_only]),
            Router(path=aim, route_handlers=list(rest), include_in_schema=False),
            *health_routes(checks, page),
            *root,
        ],
        dependencies=dict(dependencies or {}),
        exception_handlers=HANDLERS,
        type_decoders=TYPE_DECODERS,
        type_encoders={Flag: bool},
        plugins=[FlagSchema(), RawObjectSchema(), DocumentedRoutes()],
        request_class=StrictRequest,
        request_max_body_size=settings.max_body_bytes,
        cors_config=_cors(settings),
        middleware=[
            identify(settings),
            refuse_impossible_requests(settings),
            PrometheusConfig(
                app_name="tallybook", prefix="tallybook", group_path=True, exclude=["/metrics"]
            ).middleware,
            refuse_foreign_origins(settings),
        ],
        openapi_config=openapi(title, version),
        before_send=[name_request, forbid_guessing, accept_preflight],
        on_startup=list(on_startup),
        on_shutdown=list(on_shutdown),
        logging_config=None,
    )


def _cors(settings: EdgeSettings) -> CORSConfig:
    return CORSConfig(
        allow_origins=list(settings.cors_origins),
        allow_methods=["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"],
        allow_headers=[
            "Content-Type",
            "Accept",
            "Authorization",
            "X-Timezone-Offset",
            "X-Requested-With",
            "Origin",
            "Idempotency-Key",
            "X-Request-Id",
            "X-Tallybook-Position",
        ],
        expose_headers=["X-Request-Id", "X-Tallybook-Visible", "X-Tallybook-Position", "Retry-After"],
        allow_credentials=True,
        max_age=86_400,
    )


def served(app: Litestar) -> Any:
    """The app as a server runs it, with what must happen before routes are looked up: HEAD, and empty segments."""
    return no_empty_segments(answer_head(app))
