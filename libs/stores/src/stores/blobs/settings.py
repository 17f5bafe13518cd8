"""Where blobs lie in the cluster, from the environment. Secrets have no default."""

from collections.abc import Mapping
from typing import Any

import msgspec


class BlobSettings(msgspec.Struct, frozen=True, kw_only=True):
    """address: TALLYBOOK_BLOBS, `s3://bucket/prefix` of a bucket that exists, or a folder that all services share.

    endpoint, region: TALLYBOOK_BLOBS_ENDPOINT, TALLYBOOK_BLOBS_REGION; of a server that is not Amazon's. access_key,
    secret_key: TALLYBOOK_BLOBS_ACCESS_KEY, TALLYBOOK_BLOBS_SECRET_KEY; empty where the machine has a role.
    """

    address: str
    endpoint: str = ""
    region: str = ""
    access_key: str = ""
    secret_key: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "BlobSettings":
        """Raises ValueError if TALLYBOOK_BLOBS is missing."""
        address = environment.get("TALLYBOOK_BLOBS")
        if not address:
            raise ValueError("the environment has no TALLYBOOK_BLOBS, the place of blobs")
        return cls(
            address=address,
            endpoint=environment.get("TALLYBOOK_BLOBS_ENDPOINT", ""),
            region=environment.get("TALLYBOOK_BLOBS_REGION", ""),
            access_key=environment.get("TALLYBOOK_BLOBS_ACCESS_KEY", ""),
            secret_key=environment.get("TALLYBOOK_BLOBS_SECRET_KEY", ""),
        )

    @property
    def options(self) -> dict[str, Any]:
        """For `stores.blobs.filesystem.FilesystemBlobs.open`."""
        client = {"endpoint_url": self.endpoint, "region_name": self.region}
        given: dict[str, Any] = {"key": self.access_key, "secret": self.secret_key}
        given["client_kwargs"] = {name: value for name, value in client.items() if value}
        return {name: value for name, value in given.items() if value}
