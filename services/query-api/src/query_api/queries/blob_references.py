"""Opaque references to the bytes of images and sounds: who holds one may read the bytes, and nobody can make one."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec

from contracts.blobs import Blob

_SIGNATURE_BYTES = 32


class Reference(msgspec.Struct, frozen=True, array_like=True):
    """Bytes of one incarnation of a run: with the run they go, and a new one of the same id has its own."""

    run_id: str
    incarnation: int
    blob: Blob


class BlobReferences:
    """key: the secret of the whole product; references made with another key are not known."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, reference: Reference) -> str:
        """URL-safe text, always the same for the same bytes, so that pages may keep what they loaded."""
        content = msgspec.msgpack.encode(reference)
        return urlsafe_b64encode(content + self._signature(content)).decode().rstrip("=")

    def read(self, text: str) -> Reference | None:
        """None for what was not made here."""
        try:
            data = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except ValueError:
            return None
        content, signature = data[:-_SIGNATURE_BYTES], data[-_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(content)):
            return None
        return msgspec.msgpack.decode(content, type=Reference)

    def _signature(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, hashlib.sha256)
