"""Where the bytes of images, sounds and artifacts lie, as events and views name it."""

import msgspec


class Blob(msgspec.Struct, frozen=True, array_like=True):
    """At least one of key, hash and place is set.

    key: the name that the client gave the bytes (`s3_key`): an ArtifactAdded of the same key, before or after this,
    says where they are. hash: SHA-256 in hexadecimal digits, the bytes lie under `contracts.keys.blob_key`. place: key
    in the blob store, of bytes that were uploaded elsewhere. size: in bytes, as far as it is known.
    """

    key: str | None = None
    hash: str | None = None
    place: str | None = None
    size: int | None = None
