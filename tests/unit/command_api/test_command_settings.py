import pytest

from command_api.cli import server_config
from command_api.errors import SettingsError
from command_api.settings import CommandApiSettings

LEAST = {
    "TALLYBOOK_KAFKA_BOOTSTRAP": "broker:9092",
    "TALLYBOOK_MONGO_URI": "mongodb://host/",
    "TALLYBOOK_BLOBS": "s3://bucket",
}


def test_what_has_no_default_must_be_there() -> None:
    for name in LEAST:
        rest = {key: value for key, value in LEAST.items() if key != name}
        with pytest.raises(SettingsError, match=name):
            CommandApiSettings.from_environment(rest)


def test_defaults_are_those_of_production() -> None:
    settings = CommandApiSettings.from_environment(LEAST)
    assert (settings.kafka.kafka_replication, settings.kafka.kafka_min_insync) == (3, 2)
    assert settings.kafka.security == {"security.protocol": "PLAINTEXT"}
    assert settings.listen.command_port == 53801


def test_values_are_read_as_their_types() -> None:
    given = {
        "TALLYBOOK_COMMAND_PORT": "8080",
        "TALLYBOOK_KAFKA_SASL_PASSWORD": "secret",
        "TALLYBOOK_LOG_GENERATION": "2",
        "TALLYBOOK_ACTOR_HEADER": "X-User",
    }
    settings = CommandApiSettings.from_environment({**LEAST, **given})
    assert settings.listen.command_port == 8080
    assert settings.kafka.security["sasl.password"] == "secret"
    assert settings.kafka.log_generation == 2
    assert settings.edge.actor_header == "X-User"


@pytest.mark.parametrize("name", ["TALLYBOOK_COMMAND_PORT", "TALLYBOOK_KAFKA_REPLICATION", "TALLYBOOK_MAX_BODY_BYTES"])
def test_a_value_of_another_type_is_refused(name: str) -> None:
    with pytest.raises(SettingsError):
        CommandApiSettings.from_environment({**LEAST, name: "many"})


async def app(scope: object, receive: object, send: object) -> None:
    raise NotImplementedError


def test_frames_may_be_of_another_length_and_clients_silent_for_longer() -> None:
    given = {"TALLYBOOK_MAX_FRAME_BYTES": "1000", "TALLYBOOK_SILENCE_SECONDS": "5"}
    config = server_config(app, CommandApiSettings.from_environment({**LEAST, **given}))
    assert (config.ws_max_size, config.ws_ping_interval, config.ws_ping_timeout) == (1000, 5, 5)


@pytest.mark.parametrize("name", ["TALLYBOOK_MAX_FRAME_BYTES", "TALLYBOOK_SILENCE_SECONDS"])
def test_connections_have_bounds(name: str) -> None:
    with pytest.raises(SettingsError):
        CommandApiSettings.from_environment({**LEAST, name: "0"})


def test_the_server_takes_frames_as_large_as_bodies() -> None:
    config = server_config(app, CommandApiSettings.from_environment(LEAST))
    assert (config.ws_max_size, config.ws_per_message_deflate) == (64 << 20, False)
    assert (config.ws_ping_interval, config.ws_ping_timeout) == (20, 600)
    assert (config.host, config.port) == ("127.0.0.1", 53801)
