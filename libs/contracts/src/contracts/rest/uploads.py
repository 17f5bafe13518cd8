"""Bodies of row 83. Unknown fields are ignored."""

import msgspec


class UploadWanted(msgspec.Struct, frozen=True):
    run_id: str
    artifact_path: str
    content_type: str = "application/octet-stream"


class UploadAllowed(msgspec.Struct, frozen=True):
    """upload_url: takes one PUT of the bytes. s3_key, blob_key: the same, under the names of two client versions.

    headers: what the PUT must carry besides its own.
    """

    upload_url: str
    s3_key: str
    blob_key: str
    headers: dict[str, str] | None = None
