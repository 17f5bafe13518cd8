import pytest
from tests.unit.command_api.housekeeper.house import BEGAN, House, house

from contracts.blobs import Blob
from contracts.events import (
    ArtifactAdded,
    Image,
    ObjectRow,
    ObjectSeries,
    ObjectsTracked,
    RunCreated,
    RunDeleted,
    RunFinished,
    RunPurged,
)
from contracts.keys import blob_key, upload_place
from contracts.tables import RUN_ARTIFACTS
from stores.errors import StoreUnavailable

DAY = 86_400.0


def added(key: str) -> ArtifactAdded:
    return ArtifactAdded(path=key, name=key, blob=Blob(key=key, place=upload_place(key)))


async def upload(place: House, *keys: str) -> None:
    for key in keys:
        await place.blobs.put(upload_place(key), b"x")


async def later(place: House, seconds: float) -> None:
    place.now += seconds
    await place.projector.caught_up(10)
    await place.keeper.round()


async def test_an_upload_that_no_message_names_goes_after_a_day() -> None:
    async with house() as place:
        await upload(place, "run/named", "run/orphan")
        await place.write("run", RunCreated(at=BEGAN), RunFinished(at=BEGAN, reason="client"), added("run/named"))
        await later(place, DAY)
        assert set(place.blobs.stored) == {upload_place("run/named"), upload_place("run/orphan")}
        await later(place, DAY / 24)
        assert set(place.blobs.stored) == {upload_place("run/named")}
        assert place.done() == [], "no event knew of it"


async def test_what_runs_in_the_trash_name_stays_and_content_is_not_looked_at() -> None:
    async with house() as place:
        await upload(place, "gone/file")
        await place.blobs.put(blob_key("gone", "0" * 64), b"x")
        await place.write("gone", added("gone/file"), RunDeleted())
        await place.keeper.round()
        place.now += DAY + 1
        await place.started().round()
        assert len(place.blobs.stored) == 2


def image(key: str) -> ObjectsTracked:
    row = ObjectRow(0, 0, None, BEGAN, False, (Image(Blob(key=key)),))
    return ObjectsTracked(series=(ObjectSeries("images", "i", {}),), rows=(row,))


async def test_bytes_of_an_image_stay_while_its_run_is_there_or_can_be_taken_back() -> None:
    """Its object names them, also where the message that announces them was lost."""
    async with house() as place:
        await upload(place, "run/seq/i/0.png", "run/orphan", "nobody/seq/i/0.png")
        await place.write("run", RunCreated(at=BEGAN), image("run/seq/i/0.png"), RunFinished(at=BEGAN, reason="client"))
        await later(place, DAY + 1)
        assert set(place.blobs.stored) == {upload_place("run/seq/i/0.png")}
        await place.write("run", RunDeleted())
        place.keeper = place.started()
        await later(place, 1)
        assert set(place.blobs.stored) == {upload_place("run/seq/i/0.png")}
        await place.write("run", RunPurged(incarnation=1))
        place.keeper = place.started()
        await later(place, 1)
        assert place.blobs.stored == {}


async def test_an_upload_that_is_announced_again_under_another_key_frees_the_first() -> None:
    async with house() as place:
        await upload(place, "run/a", "run/b")
        one, other = added("run/a"), added("run/b")
        renamed = ArtifactAdded(path=one.path, name=one.name, blob=other.blob)
        await place.write("run", one, renamed, RunFinished(at=BEGAN, reason="client"))
        await later(place, DAY + 1)
        assert set(place.blobs.stored) == {upload_place("run/b")}


async def test_uploads_are_looked_through_once_in_an_hour() -> None:
    async with house() as place:
        await place.keeper.round()
        await upload(place, "run/orphan")
        place.now += DAY + 1
        other = place.started()
        await other.round()
        assert place.blobs.stored == {}
        await upload(place, "run/second")
        for _ in range(2):
            place.now += DAY / 24 - 1
            place.blobs.stored.setdefault(upload_place("run/very old"), b"x")
        await other.round()
        assert set(place.blobs.stored) == {upload_place("run/second")}


async def test_a_blob_store_that_is_away_holds_up_no_other_duty() -> None:
    async with house() as place:
        await place.write("gone", RunCreated(at=BEGAN), RunDeleted())
        place.now += 10_001.0
        place.faults.fail_next(lambda: StoreUnavailable("away"), times=1)
        with pytest.raises(StoreUnavailable):
            await place.keeper.round()
        assert len(place.done()) == 1
        await place.keeper.round()


async def test_views_that_were_switched_meanwhile_are_not_believed() -> None:
    """The version that was asked may have been dropped before it answered."""
    async with house() as place:
        await upload(place, "run/named")
        await place.write("run", added("run/named"), RunFinished(at=BEGAN, reason="client"))
        await place.projector.caught_up(10)
        place.now += DAY + 1
        place.switches_views_while_blobs_are_listed(RUN_ARTIFACTS)
        with pytest.raises(StoreUnavailable):
            await place.keeper.round()
        assert set(place.blobs.stored) == {upload_place("run/named")}
