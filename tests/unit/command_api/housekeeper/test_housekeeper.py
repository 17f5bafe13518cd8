from tests.unit.command_api.housekeeper.house import BEGAN, house

from contracts.events import ParamsSet, RunArchived, RunCreated, RunDeleted, RunFinished, TombstoneCleared

CREATED = RunCreated(at=BEGAN - 50.0)


async def test_a_run_without_a_sign_for_ten_minutes_is_finished_at_its_last_event() -> None:
    async with house() as place:
        await place.write("silent", CREATED)
        place.now = BEGAN + 30.0
        await place.write("silent", ParamsSet(path=("a",), value=1))
        for place.now in (BEGAN + 601.0, BEGAN + 630.0):
            await place.keeper.round()
            assert place.done() == []
        place.now = BEGAN + 630.1
        await place.keeper.round()
        assert place.done() == [("silent", RunFinished(at=BEGAN + 30.0, reason="stale"))]
        run = await place.run("silent")
        assert (run.active, run.ended_at) == (False, BEGAN + 30.0)
        place.now = BEGAN + 5_000.0
        await place.keeper.round()
        assert len(place.done()) == 1, "it is finished already"


async def test_a_run_with_a_lease_is_left_alone_until_the_lease_is_old() -> None:
    async with house() as place:
        await place.write("held", CREATED)
        place.now = BEGAN + 590.0
        await place.lease("held")
        place.now = BEGAN + 1_190.0
        await place.keeper.round()
        assert place.done() == []
        place.now = BEGAN + 1_190.1
        await place.keeper.round()
        assert place.done() == [("held", RunFinished(at=BEGAN, reason="stale"))]


async def test_runs_that_ended_or_were_deleted_are_left_alone() -> None:
    async with house() as place:
        await place.write("done", CREATED, RunFinished(at=BEGAN, reason="client"))
        await place.write("gone", CREATED, RunDeleted())
        place.now = BEGAN + 700.0
        await place.keeper.round()
        assert place.done() == []


async def test_data_that_comes_later_opens_the_run_again() -> None:
    async with house() as place:
        await place.write("late", CREATED)
        place.now = BEGAN + 700.0
        await place.keeper.round()
        await place.write("late", ParamsSet(path=("a",), value=1))
        run = await place.run("late")
        assert (run.active, run.ended_at) == (True, None)


async def test_after_a_start_clients_have_as_long_to_come_back_as_ever() -> None:
    async with house() as place:
        await place.write("silent", CREATED)
        place.now = BEGAN + 86_400.0
        restarted = place.started()
        await restarted.round()
        place.now += 599.9
        await restarted.round()
        assert place.done() == []
        place.now += 0.1
        await restarted.round()
        assert place.done() == [("silent", RunFinished(at=BEGAN, reason="stale"))]


async def test_nothing_is_done_while_the_views_are_behind_the_log() -> None:
    async with house(follow=False) as place:
        await place.write("silent", CREATED)
        keeper = place.started(patience_seconds=0.05)
        place.now = BEGAN + 10_000.0
        assert not await keeper.round()
        assert place.done() == []


async def test_the_tombstone_of_a_run_that_was_deleted_long_ago_is_cleared_once() -> None:
    async with house() as place:
        await place.write("gone", CREATED, RunDeleted())
        place.now = BEGAN + 14_999.0
        await place.keeper.round()
        assert place.done() == []
        for place.now in (BEGAN + 15_000.1, BEGAN + 15_060.0, BEGAN + 99_999.0):
            await place.keeper.round()
            await place.projector.caught_up(10)
        assert place.done() == [("gone", TombstoneCleared())]
        await place.write("gone", RunCreated(at=place.now))
        assert (await place.run("gone")).incarnation == 2


async def test_a_run_that_is_deleted_again_is_cleared_again() -> None:
    async with house() as place:
        await place.write("gone", CREATED, RunDeleted(), TombstoneCleared(), RunCreated(at=BEGAN), RunDeleted())
        place.now = BEGAN + 15_001.0
        await place.keeper.round()
        assert place.done() == [("gone", TombstoneCleared())]


async def test_old_leases_are_forgotten() -> None:
    async with house() as place:
        await place.write("run", CREATED, RunArchived())
        await place.lease("old")
        place.now = BEGAN + 700.0
        await place.lease("new")
        place.now = BEGAN + 1_200.1
        await place.keeper.round()
        assert await place.leases() == {"new"}
