import msgspec
import pytest

from projector.errors import SettingMissing, SettingWrong
from projector.settings import ClusterSettings, KafkaSettings, RunnerSettings, StoreSettings, WorkerSettings

REQUIRED = {
    "TALLYBOOK_KAFKA_BOOTSTRAP": "a:9092,b:9092",
    "TALLYBOOK_MONGO_URI": "mongodb://m/",
    "TALLYBOOK_CLICKHOUSE_DSN": "http://c:8123/default",
}


def test_required_settings_are_enough() -> None:
    settings = ClusterSettings.from_environment({**REQUIRED, "UNRELATED": "x"})
    assert settings.kafka.kafka_bootstrap == "a:9092,b:9092"
    assert (settings.kafka.kafka_replication, settings.kafka.kafka_min_insync) == (3, 2)
    assert settings.runner == RunnerSettings()


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_a_required_setting_that_is_missing_is_named(name: str) -> None:
    with pytest.raises(SettingMissing, match=name):
        ClusterSettings.from_environment({key: value for key, value in REQUIRED.items() if key != name})


def test_a_value_of_another_type_is_refused() -> None:
    with pytest.raises(SettingWrong, match="batch_records"):
        ClusterSettings.from_environment({**REQUIRED, "TALLYBOOK_BATCH_RECORDS": "many"})


def test_numbers_are_read_from_text() -> None:
    found = RunnerSettings.from_environment({"TALLYBOOK_BATCH_RECORDS": "7", "TALLYBOOK_RETRY_FIRST_SECONDS": "0.5"})
    assert (found.batch_records, found.retry_first_seconds) == (7, 0.5)
    assert (found.round.records, found.round.back_off.first_seconds) == (7, 0.5)


def test_security_is_given_in_the_words_of_the_client_and_nothing_empty() -> None:
    assert KafkaSettings(kafka_bootstrap="a").security == {"security.protocol": "PLAINTEXT"}
    secure = KafkaSettings(
        kafka_bootstrap="a",
        kafka_security_protocol="SASL_SSL",
        kafka_sasl_mechanism="SCRAM-SHA-256",
        kafka_sasl_username="u",
        kafka_sasl_password="p",  # noqa: S106 - no secret of anybody
    )
    assert secure.security == {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-256",
        "sasl.username": "u",
        "sasl.password": "p",
    }


@pytest.mark.parametrize("group", [RunnerSettings, KafkaSettings, StoreSettings, WorkerSettings])
def test_every_setting_is_described_with_its_name_in_the_environment(group: type[msgspec.Struct]) -> None:
    for field in msgspec.structs.fields(group):
        if not field.name.startswith("kafka_s") and field.name != "kafka_ca_file":
            assert f"TALLYBOOK_{field.name.upper()}" in (group.__doc__ or "")
