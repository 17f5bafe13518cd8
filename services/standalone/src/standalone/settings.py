"""Settings of the embedded product, made once by the command line from its options and the environment."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from command_api.settings import ConnectionSettings, HousekeeperSettings, UploadSettings
from edge.settings import EdgeSettings
from projector.settings import EffectsSettings, RunnerSettings
from query_api.settings import ReferenceSettings

DEFAULT_DATA = Path("tallybook-data")
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 53800
DEFAULT_INGEST_PORT = 53801


class StandaloneSettings(msgspec.Struct, frozen=True, kw_only=True):
    """data: TALLYBOOK_DATA, the data folder. host: TALLYBOOK_HOST, the address to listen on.

    port, ingest_port: TALLYBOOK_PORT, TALLYBOOK_INGEST_PORT; both serve everything, clients of Matyan expect two. 0 is
    any free one. edge, connections, uploads, housekeeper, references, runner, effects: the groups of each part.
    """

    data: Path = DEFAULT_DATA
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    ingest_port: int = DEFAULT_INGEST_PORT
    edge: EdgeSettings = EdgeSettings()
    connections: ConnectionSettings = ConnectionSettings()
    uploads: UploadSettings = UploadSettings()
    housekeeper: HousekeeperSettings = HousekeeperSettings()
    references: ReferenceSettings = ReferenceSettings()
    runner: RunnerSettings = RunnerSettings()
    effects: EffectsSettings = EffectsSettings()

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str], *, data: Path, host: str, port: int, ingest_port: int
    ) -> "StandaloneSettings":
        """The groups from the environment; the rest is given, because the command line reads both for it."""
        return cls(
            data=data,
            host=host,
            port=port,
            ingest_port=ingest_port,
            edge=EdgeSettings.from_environment(environment),
            connections=ConnectionSettings.from_environment(environment),
            uploads=UploadSettings.from_environment(environment),
            housekeeper=HousekeeperSettings.from_environment(environment),
            references=ReferenceSettings.from_environment(environment),
            runner=RunnerSettings.from_environment(environment),
            effects=EffectsSettings.from_environment(environment),
        )
