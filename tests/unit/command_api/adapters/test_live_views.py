import pytest
from tests.fakes import FakeBlobs, FakeDocuments
from tests.unit.command_api.support import run_document, tag
from tests.unit.projector.fold.builders import fold_all, recorded, tracked

from command_api.adapters.views import LiveViews
from contracts import tables
from contracts.envelope import Dedupe
from contracts.keys import trash_id
from contracts.read_models import RunBatches, TrashedRun, to_document
from contracts.tables import ViewNames
from contracts.topics import CATALOG
from projector.runner.states import put_state
from stores.documents.port import Checkpoint, Put
from stores.errors import StoreUnavailable
from stores.views import ensure_view, set_live_view


async def documents_of(names: ViewNames, run_id: str, tag_name: str) -> FakeDocuments:
    documents = FakeDocuments()
    await fill(documents, names, run_id, tag_name)
    return documents


async def fill(documents: FakeDocuments, names: ViewNames, run_id: str, tag_name: str) -> None:
    await ensure_view(documents, names)
    await set_live_view(documents, names)
    await documents.commit(
        [
            Put(names.collection(tables.RUNS), to_document(run_document(run_id))),
            Put(names.collection(tables.TAGS), to_document(tag("t", tag_name))),
        ],
        [Checkpoint(names.view, 1, CATALOG, 0, 0)],
    )


async def test_runs_and_catalog_are_those_of_the_live_version() -> None:
    documents = await documents_of(ViewNames(1), "a", "old")
    views = LiveViews(documents, FakeBlobs())
    assert (await views.run("a")) == run_document("a")
    assert (await views.catalog()).tag_named("old") is not None
    await fill(documents, ViewNames(2), "b", "new")
    assert await views.run("a") is None
    assert (await views.run("b")) is not None
    assert (await views.catalog()).tag_named("old") is None


async def test_without_views_nothing_can_be_said() -> None:
    views = LiveViews(FakeDocuments(), FakeBlobs())
    with pytest.raises(StoreUnavailable):
        await views.run("a")
    with pytest.raises(StoreUnavailable):
        await views.catalog()
    with pytest.raises(StoreUnavailable):
        await views.check()


async def test_with_views_they_can_serve() -> None:
    await LiveViews(await documents_of(ViewNames(1), "a", "t"), FakeBlobs()).check()


def trashed(run_id: str, incarnation: int, *, tombstone: bool, purged_at: float | None = None) -> TrashedRun:
    return TrashedRun(
        id=trash_id(run_id, incarnation),
        version=1,
        run_id=run_id,
        incarnation=incarnation,
        name=run_id,
        deleted_at=1.0,
        tombstone=tombstone,
        purged_at=purged_at,
        purge=None,
        partition=0,
    )


@pytest.mark.parametrize(
    ("entries", "deleted"),
    [
        ([], False),
        ([trashed("a", 1, tombstone=True)], True),
        ([trashed("a", 1, tombstone=True, purged_at=2.0)], True),
        ([trashed("a", 1, tombstone=False)], False),
        ([trashed("a", 1, tombstone=False), trashed("a", 2, tombstone=True)], True),
        ([trashed("a-", 1, tombstone=True), trashed("aa", 1, tombstone=True), trashed("A", 1, tombstone=True)], False),
    ],
)
async def test_a_run_is_deleted_while_its_own_tombstone_is_there(entries: list[TrashedRun], deleted: bool) -> None:
    documents = await documents_of(ViewNames(1), "b", "t")
    collection = ViewNames(1).collection(tables.TRASH)
    await documents.commit([Put(collection, to_document(entry)) for entry in entries], [])
    assert await LiveViews(documents, FakeBlobs()).is_deleted("a") == deleted


async def test_the_batches_of_a_run_are_those_that_the_fold_remembers() -> None:
    documents = await documents_of(ViewNames(1), "b", "t")
    views = LiveViews(documents, FakeBlobs())
    assert await views.batches("a") is None
    state, _ = fold_all([recorded(tracked([(0, 1.0)]), 0, Dedupe("x", 3, 1))])
    assert state is not None
    put, _ = put_state(ViewNames(1), state)
    await documents.commit([put], [])
    assert await views.batches(state.run_id) == RunBatches(version=state.version, phase="live", batches=state.batches)
