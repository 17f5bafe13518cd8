"""A server that says yes to every frame of matyan-client and keeps nothing: how fast the client is by itself.

`python -m benchmarks.acknowledger PORT`, on loopback until it is ended.
"""

import sys
from typing import Any

import uvicorn

_YES = '{"status":"ok","error":null}'


async def _say_yes(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 404, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": b'{"detail":"no such run"}'})
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": _YES})


def main() -> None:
    uvicorn.run(
        _say_yes,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        lifespan="off",
        log_level="error",
    )


if __name__ == "__main__":
    main()
