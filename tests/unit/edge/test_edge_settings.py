import pytest

from edge.settings import DEFAULT_ORIGINS, EdgeSettings


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = EdgeSettings.from_environment({})
    assert settings == EdgeSettings()
    assert settings.cors_origins == DEFAULT_ORIGINS
    assert settings.max_body_bytes == 64 << 20


def test_values_are_read() -> None:
    given = {
        "TALLYBOOK_CORS_ORIGINS": " http://a , ,http://b ",
        "TALLYBOOK_MAX_BODY_BYTES": "1000",
        "TALLYBOOK_ACTOR_HEADER": "X-User",
        "TALLYBOOK_AIM_BASE": "/aim/",
    }
    assert EdgeSettings.from_environment(given) == EdgeSettings(
        cors_origins=("http://a", "http://b"), max_body_bytes=1_000, actor_header="X-User", aim_base="/aim"
    )


def test_a_number_must_be_one() -> None:
    with pytest.raises(ValueError, match="many"):
        EdgeSettings.from_environment({"TALLYBOOK_MAX_BODY_BYTES": "many"})
