"""Which runs a search shows, in which order, page by page."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.query_api.world import NAMES, NOW, Logged, World, progress_of, runs_of

from contracts import tables

SEARCH = "/api/v1/rest/runs/search/run"


@pytest.fixture
async def world() -> World:
    """a to e, a the newest; c is archived, d is deleted; b and e are of one name."""
    world = await World.make()
    await world.experiment("e1", "zebra")
    await world.run("a", Logged("loss", [1.0, 0.5]), created_at=NOW - 1, name="one", params={"lr": 0.1})
    await world.run("b", created_at=NOW - 2, name="two", experiment_id="e1", ended_at=NOW, params={"lr": 0.2})
    await world.run("c", created_at=NOW - 3, name="three", archived=True)
    await world.run("d", created_at=NOW - 4, name="four", phase="deleted")
    await world.run("e", created_at=NOW - 5, name="two", ended_at=NOW - 4)
    return world


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client() as client:
        yield client


async def _found(client: httpx.AsyncClient, **query: str) -> list[str]:
    answer = await client.get(SEARCH, params=query)
    assert answer.status_code == 200, answer.text
    return list(runs_of(answer.content))


async def test_newest_first_without_archived_and_deleted_runs(client: httpx.AsyncClient) -> None:
    assert await _found(client) == ["a", "b", "e"]


async def test_runs_of_one_moment_come_by_id(world: World, client: httpx.AsyncClient) -> None:
    await world.run("z", created_at=NOW - 1)
    await world.run("0", created_at=NOW - 1)
    assert await _found(client) == ["0", "a", "z", "b", "e"]


async def test_a_query_that_speaks_of_archived_runs_finds_them(client: httpx.AsyncClient) -> None:
    assert await _found(client, q="run.archived") == ["c"]
    assert await _found(client, q="run.archived or True") == ["a", "b", "c", "e"]


async def test_the_empty_selection_of_the_pages_finds_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.get(SEARCH, params={"q": "()"})
    assert runs_of(answer.content) == {}
    assert progress_of(answer.content) == [[4, 4]]


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_pages_follow_each_other_without_gap_and_repeat(client: httpx.AsyncClient, limit: int) -> None:
    seen: list[str] = []
    for _ in range(5):
        page = await _found(client, limit=str(limit), offset=seen[-1] if seen else "")
        seen += page
        if len(page) < limit:
            break
    assert seen == ["a", "b", "e"]


@pytest.mark.parametrize("offset", ["c", "d"])
async def test_a_page_goes_on_after_a_run_that_was_archived_or_deleted_meanwhile(
    client: httpx.AsyncClient, offset: str
) -> None:
    assert await _found(client, offset=offset) == ["e"]
    assert await _found(client, offset=offset, sort='[{"field":"date","order":"desc"}]') == ["e"]


async def test_an_offset_that_no_run_has_ends_the_pages(client: httpx.AsyncClient) -> None:
    assert await _found(client, offset="never") == []


_SORTS: list[tuple[list[dict[str, str]], list[str]]] = [
    ([{"field": "run"}], ["a", "b", "e"]),
    ([{"field": "run", "order": "desc"}], ["b", "e", "a"]),
    ([{"field": "date"}], ["e", "b", "a"]),
    ([{"field": "hash", "order": "desc"}], ["e", "b", "a"]),
    ([{"field": "experiment", "order": "desc"}], ["b", "a", "e"]),
    ([{"field": "run"}, {"field": "date"}], ["a", "e", "b"]),
    ([{"field": "duration"}], ["a", "e", "b"]),
    ([{"field": "creator"}, {"field": "description"}], ["a", "b", "e"]),
    ([], ["a", "b", "e"]),
]


@pytest.mark.parametrize(("sort", "expected"), _SORTS)
async def test_order_is_what_the_caller_asks_for(
    client: httpx.AsyncClient, sort: list[dict[str, str]], expected: list[str]
) -> None:
    assert await _found(client, sort=json.dumps(sort)) == expected


@pytest.mark.parametrize(("sort", "expected"), _SORTS)
async def test_sorted_pages_follow_each_other(
    client: httpx.AsyncClient, sort: list[dict[str, str]], expected: list[str]
) -> None:
    text = json.dumps(sort)
    first = await _found(client, sort=text, limit="2")
    assert first + await _found(client, sort=text, limit="2", offset=first[-1]) == expected


_MANY = ("run", "experiment", "hash", "date", "duration", "description", "creator")


async def _many_alike(world: World) -> dict[str, tuple[Any, ...]]:
    """Runs that share most of what they can be sorted by: the values by id, one for each field."""
    await world.experiment("e2", "alpha")
    rows: dict[str, tuple[Any, ...]] = {}
    for number in range(24):
        run_id, name, about = f"m{number:02d}", "xy"[number % 2], ("", "z")[number // 2 % 2]
        age, length, experiment = 100 + number // 3, 10.0 * (number // 4 % 2), number // 8 % 2
        await world.run(
            run_id, name=name, description=about or None, experiment_id="e2" if experiment else None,
            created_at=NOW - age, ended_at=NOW - age + length,
        )  # fmt: skip
        rows[run_id] = (name, "alpha" if experiment else "", run_id, NOW - age, length, about, "")
    return rows


def test_any_keys_sort_every_page_as_python_sorts() -> None:
    with asyncio.Runner() as runner:
        world = runner.run(World.make())
        rows = runner.run(_many_alike(world))
        answering = world.client()  # one for all examples: it takes much longer to make than to ask
        client = runner.run(answering.__aenter__())

        @given(
            sort=st.lists(st.tuples(st.sampled_from(_MANY), st.sampled_from(["asc", "desc"])), max_size=7),
            limit=st.integers(0, 9),
            offset=st.none() | st.integers(0, 23),
        )
        @settings(max_examples=60, deadline=None)
        def check(sort: list[tuple[str, str]], limit: int, offset: int | None) -> None:
            # Equal ones newest first, ties by id; then from the least important key to the most important one.
            expected = sorted(rows, key=lambda run_id: (-rows[run_id][3], run_id))
            for field, order in reversed(sort):
                at = _MANY.index(field)
                expected.sort(key=lambda run_id: rows[run_id][at], reverse=order == "desc")  # used at once
            after = "" if offset is None else f"m{offset:02d}"
            expected = expected[expected.index(after) + 1 :] if after else expected
            keys = json.dumps([{"field": field, "order": order} for field, order in sort])
            asked = {"q": "run.hash.startswith('m')", "sort": keys, "limit": str(limit), "offset": after}
            assert runner.run(_found(client, **asked)) == (expected[:limit] if limit else expected)

        check()
        runner.run(answering.__aexit__(None, None, None))


@pytest.mark.parametrize("change", ["archived", "deleted"])
@pytest.mark.parametrize("sort", ["", '[{"field":"run"},{"field":"duration","order":"desc"}]'])
async def test_a_run_that_goes_away_between_two_pages_loses_none(change: str, sort: str) -> None:
    world = await World.make()
    await _many_alike(world)
    asked = {"q": "run.hash.startswith('m')", "sort": sort}
    async with world.client() as client:
        whole = await _found(client, **asked)
        first = await _found(client, limit="5", **asked)
        gone = {"phase": "deleted"} if change == "deleted" else {"archived": True}
        found = await world.documents.get(NAMES.collection(tables.RUNS), first[-1])
        assert found is not None
        await world.put(tables.RUNS, {**found, "_v": 10_000, **gone})
        later = await _found(client, offset=first[-1], **asked)
    assert first + later == whole


@pytest.mark.parametrize("sort", ["", '[{"field":"run"}]'])
async def test_an_unknown_offset_finds_nothing_in_any_order(client: httpx.AsyncClient, sort: str) -> None:
    answer = await client.get(SEARCH, params={"offset": "never", "sort": sort})
    assert (answer.status_code, runs_of(answer.content)) == (200, {})


@pytest.mark.parametrize("kind", ["run", "metric", "images", "texts", "audios", "figures", "distributions"])
@pytest.mark.parametrize("q", ["()", " () ", "(())"])
async def test_the_empty_selection_finds_nothing_in_every_search(client: httpx.AsyncClient, kind: str, q: str) -> None:
    answer = await client.get(f"/api/v1/rest/runs/search/{kind}", params={"q": q, "report_progress": "false"})
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    "sort", ["{", '[{"field":"color"}]', '[{"field":"run","order":"up"}]', "[1]", '[{"order":"asc"}]', "[" * 5_000]
)
async def test_a_sort_that_is_none_is_400(client: httpx.AsyncClient, sort: str) -> None:
    answer = await client.get(SEARCH, params={"sort": sort})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Invalid sort")


@pytest.mark.parametrize("sort", ["", "  ", "[]", "null", "{}", '"run"'])
async def test_a_sort_without_keys_is_the_order_by_age(client: httpx.AsyncClient, sort: str) -> None:
    assert await _found(client, sort=sort) == ["a", "b", "e"]


async def test_progress_follows_each_run_and_ends_with_all(client: httpx.AsyncClient) -> None:
    answer = await client.get(SEARCH)
    *during, last = progress_of(answer.content)
    assert last == [4, 4]
    assert len(during) == 3
    assert during == sorted(during)


async def test_no_progress_where_it_is_not_wanted(client: httpx.AsyncClient) -> None:
    answer = await client.get(SEARCH, params={"report_progress": "no"})
    assert progress_of(answer.content) == []


async def test_a_project_without_runs_answers_nothing() -> None:
    async with (await World.make()).client() as client:
        answer = await client.get(SEARCH)
    assert (answer.status_code, answer.content) == (200, b"")


async def test_what_is_excluded_stays_as_an_empty_place(client: httpx.AsyncClient) -> None:
    answer = await client.get(SEARCH, params={"exclude_params": "true", "exclude_traces": "1", "limit": "1"})
    run = runs_of(answer.content)["a"]
    assert (run["params"], run["traces"]) == ({}, {"metric": []})


async def test_system_params_are_shown_on_request_alone(world: World, client: httpx.AsyncClient) -> None:
    system: dict[str | int, Any] = {"__system_params": {"git": "x"}}
    await world.run("both", created_at=NOW, params={**system, "lr": 1})
    await world.run("bare", created_at=NOW, params=system)
    hidden = runs_of((await client.get(SEARCH)).content)
    shown = runs_of((await client.get(SEARCH, params={"skip_system": "false"})).content)
    assert (hidden["both"]["params"], hidden["bare"]["params"]) == ({"lr": 1}, {})
    assert shown["both"]["params"] == {"lr": 1, **system}
    assert shown["bare"]["params"] == system


async def test_notes_can_be_asked_for(world: World, client: httpx.AsyncClient) -> None:
    await world.note("b", "n1", "look here", NOW)
    await world.note("a", "n2", "look here", NOW, incarnation=7)
    assert await _found(client, q="'look here' in run.notes") == ["b"]


async def test_dates_in_queries_are_of_the_callers_zone(client: httpx.AsyncClient, world: World) -> None:
    # 2026-01-01T00:00 UTC is NOW; in UTC+4 that moment is called 04:00.
    await world.run("now", created_at=NOW)
    query = "run.created_at == datetime(2026, 1, 1, 4)"
    answer = await client.get(SEARCH, params={"q": query}, headers={"X-Timezone-Offset": "-240"})
    assert list(runs_of(answer.content)) == ["now"]


@pytest.mark.parametrize(
    "q", ["run.lr == 0.2", "run.name == 'two' and run.experiment == 'zebra'", "not run.active and 'b' == run.hash"]
)
async def test_queries_are_answered_whether_or_not_the_store_can_help(client: httpx.AsyncClient, q: str) -> None:
    assert await _found(client, q=q) == ["b"]


async def test_many_runs_cross_the_batches_of_the_store(world: World, client: httpx.AsyncClient) -> None:
    for number in range(450):
        await world.run(f"m{number:03d}", created_at=NOW - 1_000 - number)
    found = await _found(client, q="run.hash.startswith('m')")
    assert found == [f"m{number:03d}" for number in range(450)]
    assert await _found(client, q="run.hash.startswith('m')", limit="3", offset="m210") == ["m211", "m212", "m213"]
