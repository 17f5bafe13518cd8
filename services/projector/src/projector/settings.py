"""Settings of the projector, made once in `main` from the environment. Secrets have no default."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from projector.effects.blob_removal import BlobRemovalSettings
from projector.errors import SettingMissing, SettingWrong
from projector.runner.batch import ProjectionLimits
from projector.runner.inprocess import RoundLimits
from projector.runner.retrying import BackOff
from projector.runner.states import CacheLimits

_Group = TypeVar("_Group", bound=msgspec.Struct)


class RunnerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What every projector bounds, embedded or in the cluster.

    batch_records, batch_bytes: TALLYBOOK_BATCH_RECORDS, TALLYBOOK_BATCH_BYTES; what one batch holds at most.
    cached_states, cached_bytes: TALLYBOOK_CACHED_STATES, TALLYBOOK_CACHED_BYTES; states of runs kept in memory, bytes
    counted packed. dead_letter_limit: TALLYBOOK_DEAD_LETTER_LIMIT; with one invalid event more since its
    start the projector stops, once its batch is written. The next start goes on behind it.
    retry_first_seconds, retry_longest_seconds: TALLYBOOK_RETRY_FIRST_SECONDS, TALLYBOOK_RETRY_LONGEST_SECONDS; the wait
    before a store that is unavailable is tried again.
    """

    batch_records: int = 2_000
    batch_bytes: int = 4 << 20
    cached_states: int = 20_000
    cached_bytes: int = 32 << 20
    dead_letter_limit: int = 1_000
    retry_first_seconds: float = 0.1
    retry_longest_seconds: float = 5.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "RunnerSettings":
        return _read(cls, environment)

    @property
    def back_off(self) -> BackOff:
        return BackOff(first_seconds=self.retry_first_seconds, longest_seconds=self.retry_longest_seconds)

    @property
    def projection(self) -> ProjectionLimits:
        cache = CacheLimits(entries=self.cached_states, bytes=self.cached_bytes)
        return ProjectionLimits(cache=cache, back_off=self.back_off)

    @property
    def round(self) -> RoundLimits:
        return RoundLimits(records=self.batch_records, bytes=self.batch_bytes, back_off=self.back_off)


class EffectsSettings(BlobRemovalSettings, frozen=True, kw_only=True):
    """As BlobRemovalSettings says."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "EffectsSettings":
        """Raises SettingWrong for a value of another type."""
        return _read(cls, environment)


class KafkaSettings(msgspec.Struct, frozen=True, kw_only=True):
    """kafka_bootstrap: TALLYBOOK_KAFKA_BOOTSTRAP, host:port of one or more brokers, comma separated.

    kafka_replication, kafka_min_insync: TALLYBOOK_KAFKA_REPLICATION, TALLYBOOK_KAFKA_MIN_INSYNC; what the topics must
    have, 3 and 2 in production. log_generation: TALLYBOOK_LOG_GENERATION, raised by hand when the log is made anew.
    kafka_group: TALLYBOOK_KAFKA_GROUP, the workers' consumer group. kafka_security_protocol, kafka_sasl_mechanism,
    kafka_sasl_username, kafka_sasl_password, kafka_ca_file: TALLYBOOK_KAFKA_SECURITY_PROTOCOL and so on; the words are
    those of Kafka's clients, empty means not used.
    """

    kafka_bootstrap: str
    kafka_replication: int = 3
    kafka_min_insync: int = 2
    log_generation: int = 1
    kafka_group: str = "tallybook-projector"
    kafka_security_protocol: str = "PLAINTEXT"
    kafka_sasl_mechanism: str = ""
    kafka_sasl_username: str = ""
    kafka_sasl_password: str = ""
    kafka_ca_file: str = ""

    @property
    def security(self) -> dict[str, str]:
        """For confluent-kafka."""
        given = {
            "security.protocol": self.kafka_security_protocol,
            "sasl.mechanism": self.kafka_sasl_mechanism,
            "sasl.username": self.kafka_sasl_username,
            "sasl.password": self.kafka_sasl_password,
            "ssl.ca.location": self.kafka_ca_file,
        }
        return {name: value for name, value in given.items() if value}


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True):
    """mongo_uri: TALLYBOOK_MONGO_URI. mongo_database: TALLYBOOK_MONGO_DATABASE.

    clickhouse_dsn: TALLYBOOK_CLICKHOUSE_DSN, such as https://user:password@host:8443/database.
    """

    mongo_uri: str
    mongo_database: str = "tallybook"
    clickhouse_dsn: str


class WorkerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The process around the worker.

    worker_host, worker_port: TALLYBOOK_WORKER_HOST, TALLYBOOK_WORKER_PORT; where health and metrics are served.
    poll_limit_seconds: TALLYBOOK_POLL_LIMIT_SECONDS; a consumer that did not ask the broker for so long, with nothing
    else to do, is taken for dead and the process ends. stop_seconds: TALLYBOOK_STOP_SECONDS; how long a batch may go on
    after the process was told to stop.
    """

    worker_host: str = "127.0.0.1"
    worker_port: int = 53811
    poll_limit_seconds: float = 60.0
    stop_seconds: float = 5.0


class ClusterSettings(msgspec.Struct, frozen=True, kw_only=True):
    runner: RunnerSettings
    kafka: KafkaSettings
    stores: StoreSettings
    worker: WorkerSettings

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "ClusterSettings":
        """Raises SettingMissing for a required name that is not there, SettingWrong for a value of another type."""
        return cls(
            runner=_read(RunnerSettings, environment),
            kafka=_read(KafkaSettings, environment),
            stores=_read(StoreSettings, environment),
            worker=_read(WorkerSettings, environment),
        )


def _read(group: type[_Group], environment: Mapping[str, str]) -> _Group:
    """Fields and names of the environment correspond: `batch_bytes` is TALLYBOOK_BATCH_BYTES."""
    given: dict[str, str] = {}
    for field in msgspec.structs.fields(group):
        name = f"TALLYBOOK_{field.name.upper()}"
        if environment.get(name):  # empty is as good as absent: manifests cannot leave a name out
            given[field.name] = environment[name]
        elif field.required:
            raise SettingMissing(f"the environment has no {name}, which the projector needs")
    try:
        return msgspec.convert(given, group, strict=False)
    except msgspec.ValidationError as error:
        raise SettingWrong(f"a setting cannot be read: {error}") from error
