"""Settings of the query API in the cluster, from the environment. Secrets have no default."""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from edge.settings import EdgeSettings
from query_api.errors import SettingsError
from stores.blobs.settings import BlobSettings


class ReferenceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """reference_seconds: TALLYBOOK_REFERENCE_SECONDS, how long references to images and sounds serve at least."""

    reference_seconds: Annotated[int, msgspec.Meta(ge=1)] = 7 * 86_400

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "ReferenceSettings":
        """Raises SettingsError for a number that is none."""
        given = environment.get(_REFERENCE_SECONDS)
        try:
            return msgspec.convert({"reference_seconds": given} if given else {}, cls, strict=False)
        except msgspec.ValidationError as error:
            raise SettingsError(f"{_REFERENCE_SECONDS} cannot be read: {error}") from error


class QueryApiSettings(msgspec.Struct, frozen=True, kw_only=True):
    """host, port: TALLYBOOK_QUERY_HOST, TALLYBOOK_QUERY_PORT; where it listens.

    mongo_uri: TALLYBOOK_MONGO_URI, without a database's name. mongo_database: TALLYBOOK_MONGO_DATABASE.
    clickhouse_dsn: TALLYBOOK_CLICKHOUSE_DSN, such as https://user:password@host:8443/database. reference_key:
    TALLYBOOK_REFERENCE_KEY, a secret text that signs references to images and sounds, equal in all processes.
    references: `ReferenceSettings`. blobs: `stores.blobs.settings`. edge: `edge.settings`.
    stop_seconds: TALLYBOOK_STOP_SECONDS; how long requests may go on after the process was told to stop.
    """

    host: str = "127.0.0.1"
    port: int = 53802
    mongo_uri: str
    mongo_database: str = "tallybook"
    clickhouse_dsn: str
    reference_key: str
    references: ReferenceSettings = ReferenceSettings()
    blobs: BlobSettings
    stop_seconds: int = 5
    edge: EdgeSettings = EdgeSettings()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "QueryApiSettings":
        """Raises SettingsError for a variable that is missing, or cannot be read."""
        given: dict[str, str] = {}
        for field, name in _NAMES.items():
            if environment.get(name):
                given[field] = environment[name]
        references = ReferenceSettings.from_environment(environment)
        try:
            edge = EdgeSettings.from_environment(environment)
            blobs = BlobSettings.from_environment(environment)
            groups = {"edge": edge, "blobs": blobs, "references": references}
            return msgspec.convert({**given, **groups}, cls, strict=False)
        except (msgspec.ValidationError, ValueError) as error:
            raise SettingsError(
                f"a setting is missing or cannot be read: {error} (names: {', '.join(_NAMES.values())})"
            ) from error


_REFERENCE_SECONDS = "TALLYBOOK_REFERENCE_SECONDS"
_NAMES = {
    "host": "TALLYBOOK_QUERY_HOST",
    "port": "TALLYBOOK_QUERY_PORT",
    "mongo_uri": "TALLYBOOK_MONGO_URI",
    "mongo_database": "TALLYBOOK_MONGO_DATABASE",
    "reference_key": "TALLYBOOK_REFERENCE_KEY",
    "clickhouse_dsn": "TALLYBOOK_CLICKHOUSE_DSN",
    "stop_seconds": "TALLYBOOK_STOP_SECONDS",
}
