"""`/api/v1/ws/runs/{run_id}`: the WebSocket of one run."""

from typing import Any

from litestar import WebSocket, websocket
from litestar.params import FromPath

from command_api.application.ports import Caller
from command_api.matyan.connection import serve
from command_api.matyan.shared import FromApp
from contracts.errors import ValidationFailed
from contracts.keys import check_run_id

_POLICY_VIOLATION = 1008


@websocket("/api/v1/ws/runs/{run_id:str}")
async def run_socket(socket: WebSocket[Any, Any, Any], run_id: FromPath[str], matyan: FromApp) -> None:
    """The run of the address is meant by every message, whatever the message says.

    An id that no run may have is refused before the socket opens: the server answers 403, which clients read as final.
    """
    try:
        check_run_id(run_id)
    except ValidationFailed as error:
        await socket.send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": error.message})
        return
    await socket.accept()
    state = socket.scope["state"]
    caller = Caller(actor=state.get("actor"), request_id=state.get("request_id"))

    async def send(text: str) -> None:
        await socket.send({"type": "websocket.send", "text": text, "bytes": None})

    await serve(matyan.desk, run_id, caller, socket.receive, send)
