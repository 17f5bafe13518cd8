import pytest

from command_api.housekeeper.settings import HousekeeperSettings


def test_the_environment_says_when() -> None:
    given = {"TALLYBOOK_STALE_SECONDS": "30", "TALLYBOOK_TRASH_SECONDS": "60.5", "TALLYBOOK_TOMBSTONE_SECONDS": ""}
    assert HousekeeperSettings.from_environment(given) == HousekeeperSettings(stale=30.0, trash=60.5)
    assert HousekeeperSettings.from_environment({}) == HousekeeperSettings()


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "soon"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"TALLYBOOK_STALE_SECONDS|could not convert"):
        HousekeeperSettings.from_environment({"TALLYBOOK_STALE_SECONDS": text})
