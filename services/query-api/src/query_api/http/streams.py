"""A binary stream as an answer."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeVar

from litestar import Response
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Send

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
    """Sends the chunks as fast as the client takes them, and stops their source when the client is gone."""

    _should_set_content_length = False

    def __init__(
        self,
        first: bytes | None,
        rest: AsyncGenerator[bytes, None],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """headers: in lower case; a content type among them is sent as it is."""
        super().__init__(media_type=MEDIA_TYPE, status_code=status, headers=dict(headers or {}))
        self._first = first
        self._rest = rest

    async def send_body(self, send: Send, receive: Receive) -> None:
        sending = asyncio.create_task(self._send_chunks(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            leaving.cancel()
            results = await asyncio.gather(sending, leaving, return_exceptions=True)
        # A failure half-way must reach the server, which then breaks the connection: a clean end would look whole.
        if isinstance(results[0], Exception):
            raise results[0]

    async def _send_chunks(self, send: Send) -> None:
        async with aclosing(self._rest):
            if self._first is not None:
                await send({"type": "http.response.body", "body": self._first, "more_body": True})
                async for chunk in self._rest:
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                    # Neither `send` nor the frames need to wait, and a long answer must not keep the loop.
                    await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class JsonStream(Response[_T]):
    """JSON whose pieces are sent as those of a binary stream; from T the OpenAPI file knows what they are together."""

    def __init__(self, answer: BinaryStream) -> None:
        content: Any = None
        super().__init__(content)
        self._answer = answer

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIResponse:
        return self._answer


async def stream(frames: AsyncGenerator[bytes, None], headers: Mapping[str, str] | None = None) -> BinaryStream:
    """The answer, once its first chunk is there: what fails before it is answered as an error.

    frames: an async generator.
    """
    chunks = in_chunks(frames)
    return BinaryStream(await anext(chunks, None), chunks, headers=headers)


async def json_stream(pieces: AsyncGenerator[bytes, None]) -> JsonStream[Any]:
    """As `stream`."""
    return JsonStream(await stream(pieces, {"content-type": "application/json"}))


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
