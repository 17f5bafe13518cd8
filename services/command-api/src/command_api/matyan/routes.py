"""Every route of the protocol, by where it is mounted."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from command_api.matyan.socket_route import run_socket

ROOT: Sequence[ControllerRouterHandler] = (run_socket,)
"""At the path that they name."""
