import asyncio

import pytest
from tests.unit.command_api.support import CALLER, NOW, Desk, catalog, experiment, tag

from contracts.events import ExperimentCreated, TagCreated
from contracts.position import Position
from contracts.read_models import Tag
from contracts.topics import CATALOG
from stores.errors import StoreUnavailable


async def test_a_name_of_the_catalog_is_found_and_nothing_is_written() -> None:
    desk = Desk(known=catalog([tag("t-1", "best")], [experiment("e-1", "best")]))
    assert (await desk.names.tag("best", CALLER)) == ("t-1", None)
    assert (await desk.names.experiment("best", CALLER)) == ("e-1", None)
    assert desk.events == []


async def test_an_unknown_name_is_created_with_the_id_that_is_given_back() -> None:
    desk = Desk()
    found = await desk.names.tag("best", CALLER)
    assert desk.events == [TagCreated(tag_id=found.id, name="best")]
    made = await desk.names.experiment("best", CALLER)
    assert desk.events[1] == ExperimentCreated(experiment_id=made.id, name="best", at=NOW)


async def test_a_burst_with_one_new_name_appends_one_creation() -> None:
    desk = Desk()
    found = await asyncio.gather(*(desk.names.tag("best", CALLER) for _ in range(50)))
    assert {each.id for each in found} == {"id-1"}
    assert len(desk.events) == 1


async def test_what_the_views_do_not_show_yet_is_remembered_with_its_creation() -> None:
    desk = Desk()
    first = await desk.names.tag("best", CALLER)
    again = await desk.names.tag("best", CALLER)
    assert again == first
    assert again.created is not None
    desk.views.known = catalog([tag(first.id, "best")])
    assert await desk.names.tag("best", CALLER) == (first.id, None)


async def test_the_winner_counts_where_another_replica_was_first() -> None:
    desk = Desk()
    loser = await desk.names.tag("best", CALLER)
    desk.views.known = catalog([tag("winner", "best")], aliases={loser.id: "winner"})
    assert (await desk.names.tag("best", CALLER)).id == "winner"
    assert await desk.names.resolve(loser.id) == "winner"


CREATED = Position(1, CATALOG, 0, 0).version
"""Of the first event of the catalog."""


@pytest.mark.parametrize("left", [[tag("id-1", "renamed")], []], ids=["renamed", "deleted"])
async def test_a_name_that_was_given_up_is_created_anew(left: list[Tag]) -> None:
    desk = Desk()
    first = await desk.names.tag("best", CALLER)
    assert (first.id, await desk.names.tag("best", CALLER)) == ("id-1", first)
    desk.views.known = catalog(left, version=CREATED)
    assert (await desk.names.tag("best", CALLER)).id == "id-2"


async def test_an_id_that_was_deleted_is_not_remembered_while_the_views_cannot_be_read() -> None:
    """The catalog was seen after the creation once, whatever was looked up then."""
    desk = Desk()
    first = await desk.names.experiment("best", CALLER)
    desk.views.known = catalog([tag("t-1", "other")], version=CREATED + 1)
    await desk.names.tag("other", CALLER)
    desk.views.unavailable = True
    assert (await desk.names.experiment("best", CALLER)).id != first.id


async def test_what_a_younger_catalog_reached_already_is_not_remembered_at_all() -> None:
    desk = Desk(known=catalog(version=CREATED + 5))
    assert (await desk.names.tag("best", CALLER)).id == "id-1"
    assert (await desk.names.tag("best", CALLER)).id == "id-2"


async def test_names_work_while_the_views_cannot_be_read() -> None:
    desk = Desk()
    desk.views.unavailable = True
    first = await desk.names.tag("best", CALLER)
    assert await desk.names.tag("best", CALLER) == first
    assert await desk.names.resolve("any") == "any"
    assert await desk.names.known_tag_ids("best") == (first.id,)


async def test_a_creation_that_failed_is_tried_again_by_the_next_caller() -> None:
    desk = Desk()
    desk.faults.fail_next(lambda: StoreUnavailable("away"))
    with pytest.raises(StoreUnavailable):
        await desk.names.tag("best", CALLER)
    assert (await desk.names.tag("best", CALLER)).id == "id-2"


async def test_every_id_that_may_stand_for_a_tag_is_known_and_none_is_created() -> None:
    desk = Desk(known=catalog([tag("t-1", "best"), tag("t-2", "other")], aliases={"a": "t-1", "b": "t-2"}))
    assert await desk.names.known_tag_ids("best") == ("t-1", "a")
    assert await desk.names.known_tag_ids("unknown") == ()
    assert desk.events == []
