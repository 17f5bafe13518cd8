"""Opaque references to the bytes of images and sounds: who holds one may read the bytes, and nobody can make one."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

import msgspec

from contracts.blobs import Blob

_SIGNATURE_BYTES: Final = 32
_DAY_SECONDS: Final = 86_400


class Reference(msgspec.Struct, frozen=True, array_like=True):
    """Bytes of one incarnation of a run: with the run they go, and a new one of the same id has its own."""

    run_id: str
    incarnation: int
    blob: Blob


class _Signed(msgspec.Struct, frozen=True, array_like=True):
    """expires: seconds UTC."""

    reference: Reference
    expires: int


class BlobReferences:
    """key: the secret of the whole product; references made with another key are not known.

    valid_seconds: how long a reference serves at least, and at most twice as long or a day longer, whatever is less.
    """

    def __init__(self, key: bytes, valid_seconds: int) -> None:
        self._key = key
        self._valid_seconds = valid_seconds
        self._period = max(1, min(valid_seconds, _DAY_SECONDS))

    def make(self, reference: Reference, now: float) -> str:
        """URL-safe text. now: seconds UTC.

        The same for the same bytes within one period, a day of UTC unless references serve for less, so that pages may
        keep what they loaded.
        """
        expires = (int(now) // self._period + 1) * self._period + self._valid_seconds
        content = msgspec.msgpack.encode(_Signed(reference, expires))
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
