import asyncio

from tests.unit.command_api.housekeeper.house import BEGAN, house

from contracts.envelope import Header, Recorded, encode
from contracts.events import (
    ParamsSet,
    RunArchived,
    RunCreated,
    RunDeleted,
    RunFinished,
    RunPurged,
    RunRenamed,
    RunTagged,
    RunUndeleted,
    TombstoneCleared,
)
from contracts.read_models import to_document
from contracts.tables import RUNS as RUN_DOCUMENTS
from contracts.tables import ViewNames
from contracts.topics import DEAD_LETTERS, RUNS, partition_for
from stores.documents.port import Put
from stores.eventlog.port import NewRecord

CREATED = RunCreated(at=BEGAN - 50.0)


async def test_a_run_without_a_sign_for_ten_minutes_is_finished_at_its_last_event() -> None:
    async with house() as place:
        await place.write("silent", CREATED)
        place.now = BEGAN + 30.0
        await place.write("silent", ParamsSet(path=("a",), value=1))
        await place.rounds_until(BEGAN + 630.0)
        assert place.done() == []
        await place.rounds_until(BEGAN + 630.1)
        assert place.done() == [("silent", RunFinished(at=BEGAN + 30.0, reason="stale"))]
        run = await place.run("silent")
        assert (run.active, run.ended_at) == (False, BEGAN + 30.0)
        place.now = BEGAN + 5_000.0
        await place.keeper.round()
        assert len(place.done()) == 1, "it is finished already"


async def test_what_users_do_to_a_run_is_no_sign_of_its_client_and_moves_no_end() -> None:
    async with house() as place:
        await place.write("back", CREATED, ParamsSet(path=("a",), value=1), RunDeleted())
        await place.write("renamed", CREATED)
        await place.rounds_until(BEGAN + 500.0)
        await place.write("back", RunUndeleted())
        await place.write("renamed", RunRenamed(name="kept"), RunTagged(tag_id="t", name="best"))
        await place.rounds_until(BEGAN + 1_100.0)
        assert place.done() == [], "clients have as long to come back as after an event of their own"
        await place.rounds_until(BEGAN + 1_100.1)
        ended = RunFinished(at=BEGAN, reason="stale")
        assert sorted(place.done(), key=lambda pair: pair[0]) == [("back", ended), ("renamed", ended)]
        assert (await place.run("back")).ended_at == BEGAN


async def test_a_document_of_an_older_build_is_finished_at_its_last_event() -> None:
    async with house() as place:
        await place.write("old", CREATED)
        shown = to_document(await place.run("old"))
        shown["_v"] += 1
        del shown["ingested_at"]
        await place.documents.commit([Put(ViewNames(1).collection(RUN_DOCUMENTS), shown)])
        await place.rounds_until(BEGAN + 601.0)
        assert place.done() == [("old", RunFinished(at=BEGAN, reason="stale"))]


async def test_a_dead_letter_does_not_hold_it_up() -> None:
    async with house() as place:
        await place.write("silent", CREATED)
        misplaced = encode(Recorded(header=Header(id="misplaced", key="another", recorded_at=BEGAN), event=CREATED))
        poison = NewRecord(RUNS, partition_for(RUNS, "poison"), "poison", misplaced)
        await place.log.append([poison])
        await place.projector.caught_up(10)
        assert len(place.log.records(DEAD_LETTERS)) == 1
        await place.rounds_until(BEGAN + 700.0)
        assert place.done() == [("silent", RunFinished(at=BEGAN, reason="stale"))]


async def test_a_run_with_a_lease_is_left_alone_until_the_lease_is_old() -> None:
    async with house() as place:
        await place.write("held", CREATED)
        await place.rounds_until(BEGAN + 590.0)
        await place.lease("held")
        await place.rounds_until(BEGAN + 1_190.0)
        assert place.done() == []
        await place.rounds_until(BEGAN + 1_190.1)
        assert place.done() == [("held", RunFinished(at=BEGAN, reason="stale"))]


async def test_runs_that_ended_or_were_deleted_are_left_alone() -> None:
    async with house() as place:
        await place.write("done", CREATED, RunFinished(at=BEGAN, reason="client"))
        await place.write("gone", CREATED, RunDeleted())
        await place.rounds_until(BEGAN + 700.0)
        assert place.done() == []


async def test_data_that_comes_later_opens_the_run_again() -> None:
    async with house() as place:
        await place.write("late", CREATED)
        await place.rounds_until(BEGAN + 700.0)
        await place.run("late")
        assert len(place.done()) == 1
        await place.write("late", ParamsSet(path=("a",), value=1))
        run = await place.run("late")
        assert (run.active, run.ended_at) == (True, None)


async def test_after_a_start_clients_have_as_long_to_come_back_as_ever() -> None:
    async with house() as place:
        await place.write("silent", CREATED)
        place.now = BEGAN + 86_400.0
        place.keeper = place.started()
        await place.rounds_until(BEGAN + 86_999.9)
        assert place.done() == []
        await place.rounds_until(BEGAN + 87_000.0)
        assert place.done() == [("silent", RunFinished(at=BEGAN, reason="stale"))]


async def test_so_they_have_after_the_machine_slept_or_the_documents_were_away() -> None:
    """Their leases are as old as the pause, and the housekeeper's round may come before they are renewed."""
    async with house() as place:
        await place.rounds_until(BEGAN + 6_000.0)
        await place.write("connected", CREATED)
        await place.lease("connected")
        place.now = woken = BEGAN + 86_400.0
        await place.keeper.round()
        await place.rounds_until(woken + 599.0)
        assert place.done() == []
        await place.lease("connected")
        await place.rounds_until(woken + 1_199.0)
        assert place.done() == []
        await place.rounds_until(woken + 1_200.0)
        assert place.done() == [("connected", RunFinished(at=BEGAN + 6_000.0, reason="stale"))]


async def test_nothing_is_done_while_the_views_are_behind_the_log() -> None:
    async with house(follow=False) as place:
        await place.write("silent", CREATED)
        keeper = place.started(patience_seconds=0.05)
        place.now = BEGAN + 10_000.0
        assert not await keeper.round()
        assert place.done() == []


async def test_a_deleted_run_is_purged_after_its_time_in_the_trash_and_its_id_is_free_a_while_later() -> None:
    async with house() as place:
        await place.write("gone", CREATED, ParamsSet(path=("a",), value=1), RunDeleted())
        place.now = BEGAN + 10_000.0
        await place.keeper.round()
        assert place.done() == []
        purged_at = BEGAN + 10_060.0
        for place.now in (purged_at, purged_at + 60.0, purged_at + 5_000.0):
            await place.keeper.round()
            await place.projector.caught_up(10)
        assert place.done() == [("gone", RunPurged(incarnation=1))], "the tombstone counts from the purge"
        for place.now in (purged_at + 5_000.1, purged_at + 5_060.0, purged_at + 99_999.0):
            await place.keeper.round()
            await place.projector.caught_up(10)
        assert place.done()[1:] == [("gone", TombstoneCleared(incarnation=1))]
        await place.write("gone", RunCreated(at=place.now))
        assert (await place.run("gone")).incarnation == 2


async def test_a_run_that_was_taken_back_is_not_purged() -> None:
    async with house() as place:
        await place.write("back", CREATED, RunFinished(at=BEGAN, reason="client"), RunDeleted(), RunUndeleted())
        place.now = BEGAN + 99_999.0
        await place.keeper.round()
        assert place.done() == []
        assert (await place.run("back")).phase == "live"


async def test_the_trash_below_a_newer_incarnation_is_purged_and_the_newer_one_left_alone() -> None:
    async with house() as place:
        ended = RunFinished(at=BEGAN, reason="client")
        await place.write("again", CREATED, RunDeleted(), TombstoneCleared(), RunCreated(at=BEGAN), ended)
        for place.now in (BEGAN + 10_001.0, BEGAN + 99_999.0):
            await place.keeper.round()
            await place.projector.caught_up(10)
        assert place.done() == [("again", RunPurged(incarnation=1))]
        run = await place.run("again")
        assert (run.incarnation, run.phase) == (2, "live")


async def test_two_housekeepers_do_no_more_than_one() -> None:
    async with house() as place:
        await place.write("gone", CREATED, RunDeleted())
        other = place.started()
        for place.now in (BEGAN + 10_001.0, BEGAN + 20_000.0):
            await asyncio.gather(place.keeper.round(), other.round())
            await place.projector.caught_up(10)
        late = place.done()[-1]
        await place.write("gone", RunCreated(at=place.now), RunDeleted())
        await place.write(*late)
        await place.write("gone", RunCreated(at=place.now))
        run = await place.run("gone")
        assert (run.incarnation, run.phase) == (2, "deleted"), "the tombstone of the newer one stays"


async def test_old_leases_are_forgotten() -> None:
    async with house() as place:
        await place.write("run", CREATED, RunArchived())
        await place.lease("old")
        place.now = BEGAN + 700.0
        await place.lease("new")
        place.now = BEGAN + 1_200.1
        await place.keeper.round()
        assert await place.leases() == {"new"}
