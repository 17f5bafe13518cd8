import pytest

from command_api.application.ingest.times import client_time
from contracts.errors import ValidationFailed

NOW = 1_767_225_600.0


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (None, NOW),
        (0, 0.0),
        (-5.5, -5.5),
        (NOW + 86_400, NOW + 86_400),
        (NOW + 86_401, NOW),
        (1e300, NOW),
        (-1e300, NOW),
        (-2_208_988_800, -2_208_988_800.0),
        (-2_208_988_801, NOW),
        ("0001-01-01T00:00:00+23:00", NOW),
        ("2026-01-01T00:00:00.250000+00:00", NOW + 0.25),
        ("2026-01-01T00:00:00Z", NOW),
        ("2026-01-01T01:00:00+01:00", NOW),
        ("2026-01-01T00:00:00", NOW),
        ("2026-01-01", NOW),
        ("9999-12-31T23:59:59Z", NOW),
    ],
)
def test_times_are_seconds_utc_and_neither_before_1900_nor_more_than_a_day_ahead(
    given: float | str | None, seconds: float
) -> None:
    assert client_time(given, NOW) == seconds


@pytest.mark.parametrize("given", ["", "yesterday", "1767225600", float("nan"), float("inf"), float("-inf")])
def test_what_is_no_time_is_refused(given: float | str) -> None:
    with pytest.raises(ValidationFailed):
        client_time(given, NOW)
