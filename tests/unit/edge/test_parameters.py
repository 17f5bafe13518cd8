import httpx
import pytest

from contracts.errors import BadRequest, ValidationFailed
from edge.parameters import Flag, parse_range, parse_timezone


@pytest.mark.parametrize("text", ["true", "1", "on", "yes", "TRUE", "Yes", " on "])
async def test_words_for_true(client: httpx.AsyncClient, text: str) -> None:
    answer = await client.get("/api/flag", params={"on": text})
    assert (answer.status_code, answer.json()) == (200, True)


@pytest.mark.parametrize("text", ["false", "0", "off", "no", "False", "NO"])
async def test_words_for_false(client: httpx.AsyncClient, text: str) -> None:
    answer = await client.get("/api/flag", params={"on": text})
    assert (answer.status_code, answer.json()) == (200, False)


@pytest.mark.parametrize("text", ["", "2", "maybe", "truee", "None"])
async def test_other_words_are_422(client: httpx.AsyncClient, text: str) -> None:
    answer = await client.get("/api/flag", params={"on": text})
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "validation_error"


async def test_a_missing_parameter_is_422(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/flag")).status_code == 422


def test_a_flag_is_its_value() -> None:
    assert Flag.parse("yes")
    assert not Flag.parse("no")


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("", (None, None)),
        (":", (None, None)),
        ("3:", (3, None)),
        (":7", (None, 7)),
        ("3:7", (3, 7)),
        ("7:3", (7, 3)),
        (" 3 : 7 ", (3, 7)),
        ("3", (3, None)),
        ("1:2:3", (1, 2)),
        ("007:" + "0" * 5_000 + "9", (7, 9)),
        ("9" * 18 + ":" + "9" * 19, (10**18 - 1, 1 << 62)),
        ("0:" + "9" * 5_000, (0, 1 << 62)),
    ],
)
def test_ranges(text: str, bounds: tuple[int | None, int | None]) -> None:
    assert parse_range(text) == bounds


@pytest.mark.parametrize("text", ["a:b", "-1:", ":-1", "1.5:", "1e3:", "²:", "+1:"])
def test_a_bad_range_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="Invalid range format"):
        parse_range(text)


@pytest.mark.parametrize(("header", "minutes"), [(None, 0), ("-240", -240), ("300", 300), (" 5 ", 5)])
def test_timezones_are_minutes(header: str | None, minutes: int) -> None:
    assert parse_timezone(header) == minutes


@pytest.mark.parametrize("header", ["", " ", "x", "1.5", "1_0", "99999", "-1441", "9" * 5_000])
def test_a_bad_timezone_is_refused(header: str) -> None:
    with pytest.raises(ValidationFailed, match="X-Timezone-Offset"):
        parse_timezone(header)
