"""Every route of the protocol, by where it is mounted."""

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler
from litestar.types import ControllerRouterHandler

from command_api.matyan import uploads
from command_api.matyan.socket_route import run_socket

REST_ONLY: Sequence[HTTPRouteHandler] = uploads.REST_ONLY
"""Under our own prefix alone."""

ROOT: Sequence[ControllerRouterHandler] = (run_socket, *uploads.ROOT)
"""At the path that they name."""
