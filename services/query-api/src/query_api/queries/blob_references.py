"""Opaque references to the bytes of images and sounds: who holds one may read the bytes, and nobody can make one."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Final

import msgspec

from contracts.blobs import Blob

_SIGNATURE_BYTES: Final = 32


class Reference(msgspec.Struct, frozen=True, array_like=True):
    """Bytes of one incarnation of a run: with the run they go, and a new one of the same id has its own."""

    run_id: str
    incarnation: int
    blob: Blob


class _Signed(msgspec.Struct, frozen=True, array_like=True):
    """expires: seconds UTC. salt: nothing but different each time."""

    reference: Reference
    expires: int
    salt: bytes


class BlobReferences:
    """key: the secret of the whole product; references made with another key are not known.

    valid_seconds: how long a reference serves. new_salt: bytes that it did not give before.
    """

    def __init__(self, key: bytes, valid_seconds: int, new_salt: Callable[[], bytes]) -> None:
        self._key = key
        self._valid_seconds = valid_seconds
        self._new_salt = new_salt

    def make(self, reference: Reference, now: float) -> str:
        """URL-safe text. now: seconds UTC.

        Another one for each call, also for the same bytes: the images explorer forgets the bytes that it holds when
        it searches again, but never asks for a reference again that it has asked for before; and of two pictures
        with one reference it shows one.
        """
        content = msgspec.msgpack.encode(_Signed(reference, int(now) + self._valid_seconds + 1, self._new_salt()))
        return urlsafe_b64encode(content + self._signature(content)).decode().rstrip("=")

    def read(self, text: str, now: float) -> Reference | None:
        """None for what was not made here, and for what has expired. now: seconds UTC."""
        try:
            data = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except ValueError:
            return None
        content, signature = data[:-_SIGNATURE_BYTES], data[-_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(content)):
            return None
        try:
            signed = msgspec.msgpack.decode(content, type=_Signed)
        except msgspec.MsgspecError:
            # Signed with this key by a version that wrote something else.
            return None
        return signed.reference if now < signed.expires else None

    def _signature(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, hashlib.sha256)
