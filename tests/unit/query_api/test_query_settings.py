"""Settings of the query API come from the environment."""

import pytest

from query_api.errors import SettingsError
from query_api.settings import QueryApiSettings

_NEEDED = {
    "TALLYBOOK_MONGO_URI": "mongodb://db/",
    "TALLYBOOK_CLICKHOUSE_DSN": "http://columns:8123/default",
    "TALLYBOOK_REFERENCE_KEY": "secret",
    "TALLYBOOK_BLOBS": "s3://bucket/prefix",
}


def test_defaults() -> None:
    settings = QueryApiSettings.from_environment(_NEEDED)
    assert (settings.host, settings.port, settings.mongo_database) == ("127.0.0.1", 53802, "tallybook")
    assert settings.mongo_uri == "mongodb://db/"
    assert settings.references.reference_seconds == 7 * 24 * 3_600


def test_everything_can_be_set() -> None:
    given = {**_NEEDED, "TALLYBOOK_QUERY_HOST": "::", "TALLYBOOK_QUERY_PORT": "80", "TALLYBOOK_AIM_BASE": "/aim/"}
    settings = QueryApiSettings.from_environment({**given, "TALLYBOOK_REFERENCE_SECONDS": "60"})
    assert settings.references.reference_seconds == 60
    assert (settings.host, settings.port, settings.edge.aim_base) == ("::", 80, "/aim")


@pytest.mark.parametrize("name", _NEEDED)
def test_what_is_needed_must_be_set(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        QueryApiSettings.from_environment({**_NEEDED, name: ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [("TALLYBOOK_QUERY_PORT", "http"), ("TALLYBOOK_MAX_BODY_BYTES", "much"), ("TALLYBOOK_REFERENCE_SECONDS", "0")],
)
def test_a_number_must_be_one(name: str, value: str) -> None:
    with pytest.raises(SettingsError):
        QueryApiSettings.from_environment({**_NEEDED, name: value})
