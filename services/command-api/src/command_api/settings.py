"""Settings of the command API in the cluster, made once in `main` from the environment. Secrets have no default."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec

from command_api.errors import SettingsError
from command_api.housekeeper.settings import HousekeeperSettings
from edge.settings import EdgeSettings
from stores.blobs.settings import BlobSettings

__all__ = ("CommandApiSettings", "ConnectionSettings", "HousekeeperSettings", "UploadSettings")

_Group = TypeVar("_Group", bound=msgspec.Struct)

_PING_SECONDS = 20


class ListenSettings(msgspec.Struct, frozen=True, kw_only=True):
    """command_host, command_port: TALLYBOOK_COMMAND_HOST, TALLYBOOK_COMMAND_PORT; where it listens.

    stop_seconds: TALLYBOOK_STOP_SECONDS; how long requests may go on after the process was told to stop.
    """

    command_host: str = "127.0.0.1"
    command_port: int = 53801
    stop_seconds: int = 5


class KafkaSettings(msgspec.Struct, frozen=True, kw_only=True):
    """kafka_bootstrap: TALLYBOOK_KAFKA_BOOTSTRAP, host:port of one or more brokers, comma separated.

    kafka_replication, kafka_min_insync: TALLYBOOK_KAFKA_REPLICATION, TALLYBOOK_KAFKA_MIN_INSYNC; what the topics must
    have, 3 and 2 in production. log_generation: TALLYBOOK_LOG_GENERATION, raised by hand when the log is made anew.
    queue_bytes: TALLYBOOK_QUEUE_BYTES; what may wait for the log before callers are answered 503.
    kafka_security_protocol, kafka_sasl_mechanism, kafka_sasl_username, kafka_sasl_password, kafka_ca_file:
    TALLYBOOK_KAFKA_SECURITY_PROTOCOL and so on; the words are those of Kafka's clients, empty means not used.
    """

    kafka_bootstrap: str
    kafka_replication: int = 3
    kafka_min_insync: int = 2
    log_generation: int = 1
    queue_bytes: int = 64 << 20
    kafka_security_protocol: str = "PLAINTEXT"
    kafka_sasl_mechanism: str = ""
    kafka_sasl_username: str = ""
    kafka_sasl_password: str = ""
    kafka_ca_file: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "KafkaSettings":
        """Raises SettingsError for a variable that is missing, or cannot be read."""
        return _read(cls, environment)

    @property
    def security(self) -> dict[str, str]:
        """For Kafka's client."""
        given = {
            "security.protocol": self.kafka_security_protocol,
            "sasl.mechanism": self.kafka_sasl_mechanism,
            "sasl.username": self.kafka_sasl_username,
            "sasl.password": self.kafka_sasl_password,
            "ssl.ca.location": self.kafka_ca_file,
        }
        return {name: value for name, value in given.items() if value}


class DocumentSettings(msgspec.Struct, frozen=True, kw_only=True):
    """mongo_uri: TALLYBOOK_MONGO_URI, without a database's name. mongo_database: TALLYBOOK_MONGO_DATABASE."""

    mongo_uri: str
    mongo_database: str = "tallybook"


class UploadSettings(msgspec.Struct, frozen=True, kw_only=True):
    """upload_key: TALLYBOOK_UPLOAD_KEY, the secret that signs addresses of uploads; the embedded product makes its own.

    max_upload_bytes: TALLYBOOK_MAX_UPLOAD_BYTES, of one file. upload_seconds: TALLYBOOK_UPLOAD_SECONDS, how long an
    address serves.
    """

    upload_key: str = ""
    max_upload_bytes: int = 5 << 30
    upload_seconds: int = 3_600

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "UploadSettings":
        """Raises SettingsError for a variable that cannot be read."""
        return _read(cls, environment)


class ConnectionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """max_frame_bytes: TALLYBOOK_MAX_FRAME_BYTES, of one frame of a WebSocket; a longer one closes the connection.

    silence_seconds: TALLYBOOK_SILENCE_SECONDS; how long a client may leave a ping unanswered. A client that computes or
    sleeps answers none for minutes, and a connection that is closed costs it what it sends next.
    """

    max_frame_bytes: Annotated[int, msgspec.Meta(ge=1)] = 64 << 20
    silence_seconds: Annotated[int, msgspec.Meta(ge=1)] = 600

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "ConnectionSettings":
        """Raises SettingsError for a variable that cannot be read."""
        return _read(cls, environment)

    @property
    def server_options(self) -> dict[str, Any]:
        """For uvicorn."""
        return {
            "ws": "websockets-sansio",
            "ws_max_size": self.max_frame_bytes,
            "ws_per_message_deflate": False,
            "ws_ping_interval": min(_PING_SECONDS, self.silence_seconds),
            "ws_ping_timeout": self.silence_seconds,
        }


class CommandApiSettings(msgspec.Struct, frozen=True, kw_only=True):
    listen: ListenSettings
    connections: ConnectionSettings
    kafka: KafkaSettings
    documents: DocumentSettings
    blobs: BlobSettings
    uploads: UploadSettings
    housekeeper: HousekeeperSettings
    edge: EdgeSettings

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "CommandApiSettings":
        """Raises SettingsError for a variable that is missing, or cannot be read."""
        try:
            edge = EdgeSettings.from_environment(environment)
            housekeeper = HousekeeperSettings.from_environment(environment)
            blobs = BlobSettings.from_environment(environment)
        except ValueError as error:
            raise SettingsError(f"a setting cannot be read: {error}") from error
        return cls(
            listen=_read(ListenSettings, environment),
            connections=ConnectionSettings.from_environment(environment),
            kafka=KafkaSettings.from_environment(environment),
            documents=_read(DocumentSettings, environment),
            blobs=blobs,
            uploads=UploadSettings.from_environment(environment),
            housekeeper=housekeeper,
            edge=edge,
        )


def _read(group: type[_Group], environment: Mapping[str, str]) -> _Group:
    """Fields and names of the environment correspond: `mongo_uri` is TALLYBOOK_MONGO_URI."""
    given: dict[str, str] = {}
    for field in msgspec.structs.fields(group):
        name = f"TALLYBOOK_{field.name.upper()}"
        if environment.get(name):
            given[field.name] = environment[name]
        elif field.required:
            raise SettingsError(f"the environment has no {name}, which the command API needs")
    try:
        return msgspec.convert(given, group, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"a setting cannot be read: {error}") from error
