"""Blobs of purged runs go, those that anybody still needs stay, whatever happens in between."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.fakes import Crash, FakeBlobs, FakeColumns, FakeDocuments, FakeEventLog, Faults

from contracts.blobs import Blob
from contracts.envelope import Header, Recorded, encode
from contracts.events import (
    ArtifactAdded,
    Image,
    LogLine,
    LogLinesAppended,
    LogRecord,
    LogRecordsAppended,
    ObjectRow,
    ObjectSeries,
    ObjectsTracked,
    ParamsSet,
    RunCreated,
    RunDeleted,
    RunEvent,
    RunNoteAdded,
    RunPurged,
    RunUndeleted,
    Text,
    TombstoneCleared,
)
from contracts.keys import blob_key, upload_place
from contracts.tables import ViewNames
from contracts.topics import RUNS, partition_for
from contracts.trees import StoredValue, set_aside
from projector.bootstrap import InProcessProjector, in_process
from projector.effects.blob_removal import EFFECTS, BlobRemoval, BlobRemovalSettings
from projector.recovery.rebuilding import rebuild
from projector.recovery.views import prepare_views
from projector.runner.batch import Projection
from projector.runner.dead_letters import CollectedDeadLetters
from stores.errors import StoreUnavailable
from stores.eventlog.port import NewRecord

BEGAN = 1_767_225_600.0
SETTLE = 100.0
KINDS = ("param", "line", "record", "text", "image", "file", "note")


class Place:
    def __init__(self, faults: Faults, log: FakeEventLog, documents: FakeDocuments, columns: FakeColumns) -> None:
        self.faults = faults
        self.log = log
        self.documents = documents
        self.columns = columns
        self.now = BEGAN
        self.blobs = FakeBlobs(faults, lambda: self.now)
        self._ids = (f"event-{number}" for number in itertools.count())
        self.removal = self.started()

    def started(self) -> BlobRemoval:
        """As a process that begins now."""
        settings = BlobRemovalSettings(blob_settle_seconds=SETTLE)
        return BlobRemoval(self.log, self.documents, self.columns, self.blobs, lambda: self.now, settings)

    async def write(self, run_id: str, *events: RunEvent) -> None:
        """A second passes before each."""
        for event in events:
            self.now += 1.0
            header = Header(id=next(self._ids), key=run_id, recorded_at=self.now)
            value = encode(Recorded(header=header, event=event))
            await self.log.append([NewRecord(RUNS, partition_for(RUNS, run_id), run_id, value)])

    async def content(self, run_id: str, name: str) -> StoredValue:
        """Stored as the command side does, before any event names it."""
        claim, data = set_aside(name)
        await self.blobs.put(blob_key(run_id, claim.hash), data)
        return claim

    async def filled(self, run_id: str, word: str) -> list[RunEvent]:
        """Events that name a piece of content in every way that there is, and a file that was uploaded."""
        param, line, record, text, image, file, note = [await self.content(run_id, f"{word} {kind}") for kind in KINDS]
        upload = f"{run_id}/{word}.bin"
        await self.blobs.put(upload_place(upload), b"uploaded")
        table = (ObjectSeries("texts", "t", {}), ObjectSeries("images", "i", {}))
        rows = (
            ObjectRow(0, 0, None, BEGAN, False, (Text(text),)),
            ObjectRow(1, 3, None, BEGAN, True, (Image(Blob(hash=image.hash)), Image(Blob(key="elsewhere")))),
        )
        return [
            RunCreated(at=BEGAN),
            ParamsSet(path=("a", "b"), value=[param]),
            LogLinesAppended(lines=(LogLine(0, "short"), LogLine(1, line))),
            LogRecordsAppended(records=(LogRecord("m", 20, BEGAN, {"x": record}),)),
            ObjectsTracked(series=table, rows=rows),
            ArtifactAdded(path="f", name="f", blob=Blob(hash=file.hash)),
            RunNoteAdded(note_id=f"{run_id} {word}", content=note, at=BEGAN),
            ArtifactAdded(path="u", name="u", blob=Blob(key=upload, place=upload_place(upload))),
        ]

    def below(self, run_id: str) -> int:
        """How many blobs the run has."""
        return sum(1 for key in self.blobs.stored if key.split("/")[1] == run_id)


@asynccontextmanager
async def running() -> AsyncIterator[tuple[Place, InProcessProjector]]:
    faults = Faults()
    log, documents, columns = FakeEventLog(), FakeDocuments(), FakeColumns()
    projector = await in_process(log, log, documents, columns)
    await projector.start()
    try:
        yield Place(faults, log, documents, columns), projector
    finally:
        await projector.stop()


async def test_everything_of_a_purged_run_goes_and_nothing_of_another_one() -> None:
    async with running() as (place, projector):
        for run_id in ("gone", "stays"):
            await place.write(run_id, *await place.filled(run_id, "same"))
        await place.write("gone", RunDeleted())
        await projector.caught_up(10)
        assert await place.removal.round() == 0, "what is in the trash can be taken back"
        await place.write("gone", RunPurged(incarnation=1))
        await projector.caught_up(10)
        assert await place.removal.round() == len(KINDS) + 1
        assert (place.below("gone"), place.below("stays")) == (0, len(KINDS) + 1)
        assert await place.removal.round() == 0


async def test_what_a_newer_incarnation_names_stays_in_whatever_view_it_stands() -> None:
    async with running() as (place, projector):
        old = await place.filled("again", "old")
        await place.write("again", *old, *await place.filled("again", "both"), RunDeleted(), TombstoneCleared())
        await place.write("again", *await place.filled("again", "both"), RunPurged(incarnation=1))
        await projector.caught_up(10)
        assert await place.removal.round() == 0, "a request that is on its way may name anything"
        place.now += SETTLE
        assert await place.removal.round() == len(KINDS) + 1
        left = {data for key, data in place.blobs.stored.items() if key.startswith("runs/")}
        assert left == {set_aside(f"both {kind}")[1] for kind in KINDS}
        assert upload_place("again/both.bin") in place.blobs.stored
        assert upload_place("again/old.bin") not in place.blobs.stored


async def test_what_was_stored_after_the_purge_is_not_looked_at() -> None:
    async with running() as (place, projector):
        await place.write("again", *await place.filled("again", "old"), RunDeleted(), TombstoneCleared())
        await place.write("again", RunPurged(incarnation=1))
        place.now += SETTLE
        await place.content("again", "of a request whose event is on its way")
        await place.content("again", "old param")
        await projector.caught_up(10)
        await place.removal.round()
        assert place.below("again") == 2


async def test_an_older_incarnation_in_the_trash_keeps_its_content_until_its_own_purge() -> None:
    async with running() as (place, projector):
        first = await place.filled("twice", "first")
        await place.write("twice", *first, RunDeleted(), TombstoneCleared())
        await place.write("twice", *await place.filled("twice", "second"), RunDeleted(), RunPurged(incarnation=2))
        await projector.caught_up(10)
        assert await place.removal.round() == 1
        assert upload_place("twice/second.bin") not in place.blobs.stored
        assert all(blob_key("twice", set_aside(f"first {kind}")[0].hash) in place.blobs.stored for kind in KINDS)
        await place.write("twice", RunPurged(incarnation=1))
        await projector.caught_up(10)
        await place.removal.round()
        assert place.below("twice") == 0


async def test_an_upload_that_another_run_names_stays() -> None:
    async with running() as (place, projector):
        await place.write("gone", *await place.filled("gone", "word"))
        shared = upload_place("gone/word.bin")
        await place.write("other", ArtifactAdded(path="p", name="p", blob=Blob(key="gone/word.bin", place=shared)))
        await place.write("gone", RunDeleted(), RunPurged(incarnation=1))
        await projector.caught_up(10)
        await place.removal.round()
        assert [key for key in place.blobs.stored if "gone" in key] == [shared]


@pytest.mark.parametrize("used_again", [False, True])
async def test_what_a_deleted_runs_client_sent_after_the_purge_goes_once_the_tombstone_is_cleared(
    used_again: bool,
) -> None:
    async with running() as (place, projector):
        await place.write("gone", *await place.filled("gone", "old"), RunDeleted(), RunPurged(incarnation=1))
        await projector.caught_up(10)
        await place.removal.round()
        late = await place.filled("gone", "late")
        early = await place.content("gone", "named after the clearing")
        await place.write("gone", *late, TombstoneCleared(incarnation=1))
        if used_again:
            await place.write("gone", ParamsSet(path=("early",), value=early), *await place.filled("gone", "new"))
        await projector.caught_up(10)
        assert await place.removal.round() == 0, "a request that is on its way may name what it stored"
        place.now += SETTLE
        await place.removal.round()
        left = {data for key, data in place.blobs.stored.items() if key.startswith("runs/")}
        named = {set_aside(each)[1] for each in ("named after the clearing", *(f"new {kind}" for kind in KINDS))}
        assert left == (named if used_again else set())
        assert place.below("gone") == (len(KINDS) + 2 if used_again else 0)
        assert await place.started().round() == 0


async def unannounced(place: Place, run_id: str, step: int) -> RunEvent:
    """An image whose bytes were uploaded, and the message that says so was lost."""
    key = f"{run_id}/seq/i/{step}.png"
    place.now += 2.0
    await place.blobs.put(upload_place(key), b"uploaded")
    row = ObjectRow(0, step, None, BEGAN, False, (Image(Blob(key=key)),))
    return ObjectsTracked(series=(ObjectSeries("images", "i", {}),), rows=(row,))


async def test_uploads_that_objects_alone_name_go_with_their_own_incarnation() -> None:
    async with running() as (place, projector):
        for number in (1, 2, 3):
            await place.write("thrice", RunCreated(at=BEGAN), await unannounced(place, "thrice", number))
            if number < 3:
                await place.write("thrice", RunDeleted(), TombstoneCleared())
        left = {number: upload_place(f"thrice/seq/i/{number}.png") for number in (1, 2, 3)}
        for purged, expected in ((2, {1, 2, 3}), (1, {3})):
            await place.write("thrice", RunPurged(incarnation=purged))
            await projector.caught_up(10)
            place.now += SETTLE
            await place.removal.round()
            assert set(place.blobs.stored) == {left[number] for number in expected}
        await place.write("thrice", RunDeleted(), RunPurged(incarnation=3))
        await projector.caught_up(10)
        await place.removal.round()
        assert place.blobs.stored == {}


async def test_a_run_that_was_taken_back_keeps_everything() -> None:
    async with running() as (place, projector):
        await place.write("back", *await place.filled("back", "word"), RunDeleted(), RunUndeleted())
        await place.write("back", RunPurged(incarnation=1))
        await projector.caught_up(10)
        place.now += SETTLE
        assert await place.removal.round() == 0
        assert place.below("back") == len(KINDS) + 1


async def test_a_process_that_dies_anywhere_is_followed_by_one_that_finishes() -> None:
    for point in itertools.count():
        async with running() as (place, projector):
            await place.write("gone", *await place.filled("gone", "word"), RunDeleted(), RunPurged(incarnation=1))
            await projector.caught_up(10)
            began = len(place.faults.reached)
            place.faults.fail_at(began + point, Crash)
            try:
                await place.removal.round()
            except Crash:
                assert place.below("gone") > 0
                await place.started().round()
            else:
                assert point > len(KINDS)
                assert place.below("gone") == 0
                return
            assert place.below("gone") == 0


async def follow(place: Place) -> None:
    """All that the log holds comes into the views in one batch; afterwards nobody follows any more."""
    projection = Projection(ViewNames(1), 1, place.documents, place.columns, CollectedDeadLetters())
    await projection.apply(place.log.records(RUNS))


@pytest.mark.parametrize("used_again", [False, True])
async def test_a_purge_that_the_views_hold_in_part_waits_until_they_hold_all_of_it(used_again: bool) -> None:
    """Where documents are written one by one somebody may look between any two of them."""
    for point in itertools.count():
        faults = Faults()
        place = Place(Faults(), FakeEventLog(), FakeDocuments(one_by_one=True, faults=faults), FakeColumns())
        await prepare_views(place.documents, place.columns)
        await place.write("gone", *await place.filled("gone", "old"), RunDeleted())
        await follow(place)
        again = [TombstoneCleared(), *await place.filled("gone", "new")] if used_again else []
        await place.write("gone", *again, RunPurged(incarnation=1))
        faults.fail_at(len(faults.reached) + point, Crash)
        try:
            await follow(place)
        except Crash:
            await place.removal.round()
            await follow(place)
        else:
            assert point > len(KINDS), "it could end in the middle of the commit"
            return
        place.now += SETTLE
        await place.started().round()
        assert place.below("gone") == (len(KINDS) + 1 if used_again else 0)
        left = {data for key, data in place.blobs.stored.items() if key.startswith("runs/")}
        assert left == ({set_aside(f"new {kind}")[1] for kind in KINDS} if used_again else set())


async def test_a_blob_store_that_is_away_is_asked_again() -> None:
    async with running() as (place, projector):
        await place.write("gone", *await place.filled("gone", "word"), RunDeleted(), RunPurged(incarnation=1))
        await projector.caught_up(10)
        for _ in range(3):
            place.faults.fail_next(lambda: StoreUnavailable("away"), times=50)
            with pytest.raises(StoreUnavailable):
                await place.removal.round()
        place.faults.recover()
        await place.removal.round()
        assert place.below("gone") == 0


async def test_a_purge_that_must_wait_holds_up_no_other_and_is_not_forgotten() -> None:
    async with running() as (place, projector):
        partition = partition_for(RUNS, "waits")
        later = next(f"run-{n}" for n in itertools.count() if partition_for(RUNS, f"run-{n}") == partition)
        await place.write("waits", *await place.filled("waits", "word"), RunDeleted(), TombstoneCleared())
        await place.write("waits", RunPurged(incarnation=1))
        await place.write(later, *await place.filled(later, "word"), RunDeleted(), RunPurged(incarnation=1))
        await projector.caught_up(10)
        assert await place.removal.round() == len(KINDS) + 1
        assert (place.below("waits"), place.below(later)) == (len(KINDS) + 1, 0)
        assert await place.documents.checkpoints(EFFECTS) == {}
        listed = place.faults.reached.count("blobs.list")
        assert await place.removal.round() == 0
        assert place.faults.reached.count("blobs.list") == listed, "the one behind is done, the one before waits"
        place.now += SETTLE
        assert await place.started().round() == len(KINDS) + 1
        assert len(await place.documents.checkpoints(EFFECTS)) == 1


async def test_one_that_was_done_behind_a_waiting_one_is_looked_at_again_when_its_tombstone_is_cleared() -> None:
    async with running() as (place, projector):
        partition = partition_for(RUNS, "waits")
        later = next(f"run-{n}" for n in itertools.count() if partition_for(RUNS, f"run-{n}") == partition)
        await place.write("waits", RunCreated(at=BEGAN), RunDeleted(), TombstoneCleared(), RunPurged(incarnation=1))
        await place.write(later, RunCreated(at=BEGAN), RunDeleted(), RunPurged(incarnation=1))
        await projector.caught_up(10)
        await place.removal.round()
        await place.content(later, "late")
        await place.write(later, TombstoneCleared(incarnation=1))
        await projector.caught_up(10)
        place.now += SETTLE
        assert await place.removal.round() == 1


async def test_a_rebuild_neither_repeats_nor_undoes_what_was_removed() -> None:
    async with running() as (place, projector):
        await place.write("gone", *await place.filled("gone", "word"), RunDeleted(), RunPurged(incarnation=1))
        await projector.caught_up(10)
        await place.removal.round()
        await projector.stop()
        appended = len(place.log.records(RUNS))
        reached = len(place.faults.reached)
        await rebuild(place.log, place.documents, place.columns, drop_previous=True)
        assert await place.started().round() == 0
        assert len(place.log.records(RUNS)) == appended
        assert place.faults.reached[reached:] == [], "no blob was listed or read"


async def test_a_lost_checkpoint_does_no_harm() -> None:
    async with running() as (place, projector):
        await place.write("again", *await place.filled("again", "old"), RunDeleted(), TombstoneCleared())
        await place.write("again", *await place.filled("again", "new"), RunPurged(incarnation=1))
        place.now += SETTLE
        await projector.caught_up(10)
        assert await place.removal.round() == len(KINDS) + 1
        await place.documents.drop([], EFFECTS)
        assert await place.started().round() == 0
        assert place.below("again") == len(KINDS) + 1
