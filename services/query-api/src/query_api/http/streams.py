"""A binary stream as an answer."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeVar

from litestar import Response
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from edge.documentation import RefusableOperation, bytes_of
from query_api.streaming.chunks import in_chunks

_T = TypeVar("_T")

MEDIA_TYPE = "application/octet-stream"


@dataclass
class StreamOperation(RefusableOperation):
    """The framework cannot tell what a stream answers with."""

    def __post_init__(self) -> None:
        self.responses = {**(self.responses or {}), "200": bytes_of(MEDIA_TYPE, "Records of keys and values")}
        super().__post_init__()


class BinaryStream(ASGIResponse):
    """Sends the chunks as fast as the client takes them, and stops their source when the client is gone.

    Nothing is sent before the first chunk is there: what fails before it is answered as an error.
    """

    _should_set_content_length = False

    def __init__(
        self, chunks: AsyncGenerator[bytes, None], *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        """headers: in lower case; a content type among them is sent as it is."""
        super().__init__(media_type=MEDIA_TYPE, status_code=status, headers=dict(headers or {}))
        self._first: bytes | None = None
        self._chunks = chunks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self._chunks):
            if await _unless_left(self._begin(), receive):
                await super().__call__(scope, receive, send)

    async def send_body(self, send: Send, receive: Receive) -> None:
        await _unless_left(self._send_chunks(send), receive)

    async def _begin(self) -> None:
        self._first = await anext(self._chunks, None)

    async def _send_chunks(self, send: Send) -> None:
        chunk, self._first = self._first, None
        while chunk is not None:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            # Neither `send` nor the frames need to wait, and a long answer must not keep the loop.
            await asyncio.sleep(0)
            chunk = await anext(self._chunks, None)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class JsonStream(Response[_T]):
    """JSON whose pieces are sent as those of a binary stream; from T the OpenAPI file knows what they are together."""

    def __init__(self, answer: BinaryStream) -> None:
        content: Any = None
        super().__init__(content)
        self._answer = answer

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIResponse:
        return self._answer


def stream(frames: AsyncGenerator[bytes, None]) -> BinaryStream:
    return BinaryStream(in_chunks(frames))


def json_stream(pieces: AsyncGenerator[bytes, None]) -> JsonStream[Any]:
    return JsonStream(BinaryStream(in_chunks(pieces), headers={"content-type": "application/json"}))


async def _unless_left(work: Coroutine[None, None, None], receive: Receive) -> bool:
    """Whether the work came to its end; it is cancelled when the client leaves. Raises what it raises.

    A failure half-way must reach the server, which then breaks the connection: a clean end would look whole.
    """
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(_left(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        working.cancel()
        leaving.cancel()
        result, _ = await asyncio.gather(working, leaving, return_exceptions=True)
    if isinstance(result, Exception):
        raise result
    return result is None


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
