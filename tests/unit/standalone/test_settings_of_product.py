from pathlib import Path

from standalone.settings import StandaloneSettings


def test_defaults_are_the_ports_that_clients_expect() -> None:
    settings = StandaloneSettings()
    assert (settings.host, settings.port, settings.ingest_port) == ("127.0.0.1", 53800, 53801)
    assert settings.data == Path("tallybook-data")


def test_groups_come_from_the_environment() -> None:
    environment = {
        "TALLYBOOK_MAX_BODY_BYTES": "1000",
        "TALLYBOOK_BATCH_RECORDS": "7",
        "TALLYBOOK_REFERENCE_SECONDS": "60",
        "TALLYBOOK_SILENCE_SECONDS": "30",
    }
    settings = StandaloneSettings.from_environment(environment, data=Path("d"), host="h", port=1, ingest_port=2)
    assert settings.edge.max_body_bytes == 1000
    assert settings.runner.batch_records == 7
    assert settings.references.reference_seconds == 60
    assert settings.connections.silence_seconds == 30
    assert (settings.data, settings.host, settings.port, settings.ingest_port) == (Path("d"), "h", 1, 2)
