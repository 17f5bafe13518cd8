"""Rows 24 to 40: images, texts, distributions, sounds and figures."""

from typing import Any

import pytest
from tests.rest.asking import Rest, fresh, groups, invalid, logged, refused, streamed

from contracts.aimcodec.arrays import read_numeric_array

pytestmark = pytest.mark.asyncio(loop_scope="session")

LISTS = ("images", "texts", "audios")
"""Kinds of which a step holds a list, whatever was logged."""

SEARCH = {"images": 24, "texts": 25, "distributions": 26, "audios": 27, "figures": 28}
BATCH = {kind: row + 5 for kind, row in SEARCH.items()}
STEP = {kind: row + 10 for kind, row in SEARCH.items()}
BYTES = {"images": 39, "audios": 40}

ASKED = [{"name": "x", "context": {"subset": "val"}}]


def of_rows(rows: dict[str, int]) -> list[Any]:
    return [pytest.param(kind, marks=pytest.mark.row(row)) for kind, row in rows.items()]


def _value(kind: str, number: int) -> dict[str, Any]:
    """What a client logs."""
    match kind:
        case "images":
            data = b"image %d" % number
            return {"data": data, "format": "png", "width": 3, "height": 2, "caption": f"c{number}"}
        case "audios":
            return {"data": b"sound %d" % number, "format": "wav", "caption": f"c{number}"}
        case "texts":
            return {"data": f"text {number}"}
        case "distributions":
            return {"data": [float(number), 1.0], "dtype": "float64", "bin_count": 2, "range": [0.0, 2.0]}
        case _:
            return {"data": f'{{"data": [{number}]}}'}


async def _run(rest: Rest, kind: str, steps: int = 4, each: int = 3) -> str:
    """A run with a series of one kind: at each step a list where the kind has lists."""
    singular = kind.removesuffix("s")
    return await rest.run(
        *(
            logged(
                singular,
                "x",
                [_value(kind, 10 * step + at) for at in range(each)] if kind in LISTS else _value(kind, 10 * step),
                step,
                subset="val",
            )
            for step in range(steps)
        )
    )


def _shown(kind: str, value: Any) -> Any:
    """What stands for a value in a comparison: numbers of the objects, with their place in the list of the step."""
    if kind in LISTS:
        return [(_number(kind, one), one["index"]) for one in value]
    return _number(kind, value)


def _number(kind: str, one: dict[str, Any]) -> int:
    match kind:
        case "images":
            assert (one["format"], one["width"], one["height"]) == ("png", 3, 2)
            return int(one["caption"][1:])
        case "audios":
            assert one["format"] == "wav"
            return int(one["caption"][1:])
        case "texts":
            return int(one["data"].removeprefix("text "))
        case "distributions":
            assert (one["bin_count"], one["range"]) == (2, [0.0, 2.0])
            return int(read_numeric_array(one["data"]).tolist()[0])
        case _:
            return int(one["data"].partition("[")[2].partition("]")[0])


def _logged(kind: str, step: int, places: tuple[int, ...] = (0, 1, 2)) -> Any:
    return [(10 * step + at, at) for at in places] if kind in LISTS else 10 * step


@pytest.mark.parametrize("kind", of_rows(SEARCH))
async def test_a_search_finds_every_step(rest: Rest, kind: str) -> None:
    run = await _run(rest, kind)
    found = streamed(await rest.get(f"/runs/search/{kind}", params={"q": f'run.hash == "{run}"'}))[run]
    (trace,) = found["traces"]
    assert (trace["name"], trace["context"], trace["iters"]) == ("x", {"subset": "val"}, [0, 1, 2, 3])
    assert [_shown(kind, value) for value in trace["values"]] == [_logged(kind, step) for step in range(4)]
    ranges = {"record_range_used": [0, 4], "record_range_total": [0, 4]}
    if kind in LISTS:
        ranges |= {"index_range_used": [0, 3], "index_range_total": [0, 3]}
    assert found["ranges"] == ranges
    assert found["props"]["active"] is True


@pytest.mark.parametrize("kind", of_rows(SEARCH))
async def test_a_search_finds_a_part_of_each_step_in_a_range(rest: Rest, kind: str) -> None:
    run, other = await _run(rest, kind), await _run(rest, kind, steps=7, each=5)
    q = f'run.hash in ["{run}", "{other}"]'
    wanted = {"q": q, "record_range": "1:3", "index_range": "1:2"}
    found = streamed(await rest.get(f"/runs/search/{kind}", params=wanted))
    assert found[run]["ranges"] == found[other]["ranges"]
    assert found[run]["ranges"]["record_range_total"] == [0, 7]
    (trace,) = found[run]["traces"]
    assert trace["iters"] == [1, 2]
    assert [_shown(kind, value) for value in trace["values"]] == [_logged(kind, step, (1,)) for step in (1, 2)]


@pytest.mark.parametrize("kind", of_rows(BATCH))
async def test_a_batch_gives_the_series_that_were_named(rest: Rest, kind: str) -> None:
    run = await _run(rest, kind)
    (found,) = groups(await rest.post(f"/runs/{run}/{kind}/get-batch", [{"name": "none", "context": {}}, *ASKED]))
    assert (found["name"], found["context"], found["iters"]) == ("x", {"subset": "val"}, [0, 1, 2, 3])
    assert [_shown(kind, value) for value in found["values"]] == [_logged(kind, step) for step in range(4)]
    assert found["record_range_total"] == found["record_range_used"] == [0, 4]
    assert ("index_range" in found) == ("index_range_used" in found) == (kind in LISTS)


@pytest.mark.parametrize("kind", of_rows(BATCH))
async def test_a_batch_takes_every_nth_step_and_the_last(rest: Rest, kind: str) -> None:
    run = await _run(rest, kind)
    answer = await rest.post(f"/runs/{run}/{kind}/get-batch", ASKED, params={"record_density": 2})
    assert groups(answer)[0]["iters"] == [0, 2, 3]


@pytest.mark.parametrize("kind", of_rows(STEP))
@pytest.mark.parametrize(("asked", "step"), [(-1, 3), (-2, 2), (1, 1)])
async def test_one_step_is_given(rest: Rest, kind: str, asked: int, step: int) -> None:
    run = await _run(rest, kind)
    answer = await rest.post(f"/runs/{run}/{kind}/get-step", ASKED, params={"record_step": asked})
    (found,) = groups(answer)
    assert (found["iters"], found["record_range_used"]) == ([step], [step, step + 1])
    assert [_shown(kind, value) for value in found["values"]] == [_logged(kind, step)]


@pytest.mark.parametrize("kind", of_rows(STEP))
async def test_a_step_that_is_not_there_is_left_out(rest: Rest, kind: str) -> None:
    run = await _run(rest, kind)
    assert groups(await rest.post(f"/runs/{run}/{kind}/get-step", ASKED, params={"record_step": 99})) == []


@pytest.mark.parametrize("kind", of_rows(BYTES))
async def test_references_open_the_bytes_that_were_logged(rest: Rest, kind: str) -> None:
    run = await _run(rest, kind, steps=1)
    answer = await rest.post(f"/runs/{run}/{kind}/get-batch", ASKED, params={"index_range": "1:3"})
    tokens = [one["blob_uri"] for one in groups(answer)[0]["values"][0]]
    forged = tokens[0][:-4] + "AAAA"
    found = streamed(await rest.post(f"/runs/{kind}/get-batch", [tokens[1], "none", tokens[0], forged, tokens[1]]))
    assert list(found.items()) == [(tokens[1], _value(kind, 2)["data"]), (tokens[0], _value(kind, 1)["data"])]
    await rest.delete(f"/runs/{run}")
    assert streamed(await rest.post(f"/runs/{kind}/get-batch", tokens)) == {}


@pytest.mark.parametrize("kind", of_rows(BYTES))
async def test_references_are_a_list_of_texts(rest: Rest, kind: str) -> None:
    assert streamed(await rest.post(f"/runs/{kind}/get-batch", [])) == {}
    for body in (b"{}", b'"x"', b"[1]", b"[null]", b""):
        invalid(await rest.post(f"/runs/{kind}/get-batch", body))


@pytest.mark.parametrize("kind", of_rows(SEARCH))
@pytest.mark.parametrize(("name", "value", "message"), [
    ("record_density", "0", "Density must be greater than 0."),
    ("index_density", "-1", "Density must be greater than 0."),
    ("record_range", "a:b", "Invalid range format"),
    ("index_range", "-1:", "Invalid range format"),
])  # fmt: skip
async def test_a_search_refuses_what_is_no_range(rest: Rest, kind: str, name: str, value: str, message: str) -> None:
    refused(await rest.get(f"/runs/search/{kind}", params={name: value}), 400, message)


@pytest.mark.parametrize(
    "path",
    [
        *(pytest.param(f"{kind}/get-batch", marks=pytest.mark.row(row)) for kind, row in BATCH.items()),
        *(pytest.param(f"{kind}/get-step", marks=pytest.mark.row(row)) for kind, row in STEP.items()),
    ],
)
async def test_reads_of_one_run_refuse_what_is_not_there(rest: Rest, path: str) -> None:
    run = await rest.run()
    assert groups(await rest.post(f"/runs/{run}/{path}", ASKED)) == []
    refused(await rest.post(f"/runs/{fresh('none')}/{path}", ASKED), 404, "Run not found.")
    answer = await rest.post(f"/runs/{run}/{path}", ASKED, params={"index_density": "0"})
    refused(answer, 400, "Density must be greater than 0.")
    for body in (b"{}", b'[{"name": "x"}]', b"[1]", b"{"):
        invalid(await rest.post(f"/runs/{run}/{path}", body))
