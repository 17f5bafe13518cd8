"""A store that was lost or restored from another day is refused at the start, and never filled up in silence."""

import pytest
from tests.fakes import FakeColumns, FakeDocuments, FakeEventLog
from tests.replay.random_log import random_records

from contracts.errors import LogMismatch
from contracts.tables import ViewNames
from projector.bootstrap import in_process, rebuild
from projector.runner.inprocess import InProcessProjector


class Place:
    def __init__(self) -> None:
        self.log = FakeEventLog()
        self.documents = FakeDocuments()
        self.columns = FakeColumns()

    async def projector(self) -> InProcessProjector:
        return await in_process(self.log, self.log, self.documents, self.columns)


@pytest.fixture
async def place() -> Place:
    place = Place()
    await place.log.append(random_records(1, 200))
    projector = await place.projector()
    await projector.start()
    assert await projector.caught_up(20)
    await projector.stop()
    return place


async def test_points_that_are_gone_while_checkpoints_are_not_stop_the_start(place: Place) -> None:
    place.columns = FakeColumns()
    with pytest.raises(LogMismatch, match="points_v1 is gone"):
        await place.projector()


async def test_a_rebuild_makes_lost_points_anew(place: Place) -> None:
    place.columns = FakeColumns()
    await rebuild(place.log, place.documents, place.columns)
    projector = await place.projector()
    await projector.start()
    await projector.stop()
    assert await place.columns.count_rows(ViewNames(2).points) > 0


async def test_an_unfinished_rebuild_whose_points_are_gone_is_refused_until_it_begins_anew(place: Place) -> None:
    async def stop() -> None:
        raise RuntimeError("stopped before the switch")

    with pytest.raises(RuntimeError):
        await rebuild(place.log, place.documents, place.columns, before_switch=stop)
    place.columns = FakeColumns()
    with pytest.raises(LogMismatch, match="points_v2 is gone"):
        await rebuild(place.log, place.documents, place.columns)
    await rebuild(place.log, place.documents, place.columns, fresh=True)


async def test_views_that_are_ahead_of_the_log_stop_the_start(place: Place) -> None:
    place.log = FakeEventLog()
    await place.log.append(random_records(1, 20))
    projector = await place.projector()
    with pytest.raises(LogMismatch, match="ahead of the log"):
        await projector.start()
