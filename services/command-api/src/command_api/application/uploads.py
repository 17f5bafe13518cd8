"""Bytes that clients upload beside their messages: where they lie, who may put them there, and for how long.

A client computes the key `<run id>/<path>` by itself before it asks, so keys are refused or kept, never renamed.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import AsyncIterable, AsyncIterator, Callable
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from contracts.errors import Forbidden, PayloadTooLarge, Unavailable
from contracts.keys import check_path, check_run_id, upload_place
from stores.blobs.port import Blobs

_FORBIDDEN = "This address takes no upload, or not any more"


class _Grant(msgspec.Struct, frozen=True, array_like=True):
    """What a token says. place: key in the blob store. until: seconds UTC."""

    place: str
    until: float


class Permit(NamedTuple):
    """key: what later messages call the bytes. address: absolute, or None where `token` is for our own route."""

    key: str
    address: str | None
    token: str | None


@dataclass(frozen=True, slots=True)
class Uploads:
    """secret: signs tokens; empty where the blob store hands out addresses itself. seconds: how long they serve."""

    blobs: Blobs
    secret: bytes
    clock: Callable[[], float]
    max_bytes: int
    seconds: int

    async def permit(self, run_id: str, path: str) -> Permit:
        """Raises ValidationFailed for an id or a path that no blob may have; nothing is stored."""
        key = f"{check_run_id(run_id)}/{check_path(path)}"
        place = upload_place(key)
        address = await self.blobs.upload_url(place, self.seconds)
        if address is not None:
            return Permit(key, address, None)
        if not self.secret:
            raise Unavailable("uploads need TALLYBOOK_UPLOAD_KEY, or blobs in a bucket", retry_after_seconds=60)
        return Permit(key, None, self._signed(_Grant(place, self.clock() + self.seconds)))

    async def receive(self, token: str, announced: int | None, chunks: AsyncIterable[bytes]) -> int:
        """Store the bytes where the token says; their number. An upload that breaks off leaves what was there.

        Raises Forbidden for a token that is not ours or has expired, PayloadTooLarge.
        """
        grant = self._read(token)
        if announced is not None and announced > self.max_bytes:
            raise self._too_large()
        return await self.blobs.put_stream(grant.place, self._bounded(chunks))

    async def _bounded(self, chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in chunks:
            size += len(chunk)
            if size > self.max_bytes:
                raise self._too_large()
            yield chunk

    def _too_large(self) -> PayloadTooLarge:
        return PayloadTooLarge(f"an upload may have {self.max_bytes} bytes")

    def _signed(self, grant: _Grant) -> str:
        said = msgspec.msgpack.encode(grant)
        return f"{_text(said)}.{_text(self._signature(said))}"

    def _read(self, token: str) -> _Grant:
        try:
            said, signature = (_bytes(part) for part in token.split("."))
        except (ValueError, binascii.Error):
            raise Forbidden(_FORBIDDEN) from None
        if not self.secret or not hmac.compare_digest(signature, self._signature(said)):
            raise Forbidden(_FORBIDDEN)
        grant = msgspec.msgpack.decode(said, type=_Grant)
        if self.clock() > grant.until:
            raise Forbidden(_FORBIDDEN)
        return grant

    def _signature(self, said: bytes) -> bytes:
        return hmac.digest(self.secret, b"tallybook upload\0" + said, hashlib.sha256)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
