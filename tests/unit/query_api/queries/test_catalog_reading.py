"""The catalog in memory is never older than what the history shows."""

from tests.fakes import FakeDocuments
from tests.unit.query_api.world import NAMES

from contracts import tables
from contracts.read_models import Tag, to_document
from contracts.topics import CATALOG, RUNS
from stores.documents.port import Put
from stores.runs.catalog import CatalogReader


async def _tag(documents: FakeDocuments, name: str, version: int) -> None:
    tag = Tag(id=name, version=version, name=name, color=None, description=None, archived=False, position=version)
    await documents.commit([Put(NAMES.collection(tables.TAGS), to_document(tag))])


async def _history(documents: FakeDocuments, version: int, key: str = "catalog", topic: str = CATALOG) -> None:
    entry = {"_id": f"{topic} {version}", "_v": version, "key": key, "topic": topic}
    await documents.commit([Put(NAMES.collection(tables.HISTORY), entry)])


async def _names(reader: CatalogReader) -> list[str]:
    return list((await reader.current(NAMES)).tags)


async def test_what_the_history_tells_of_is_there_before_the_checkpoint_moves() -> None:
    documents = FakeDocuments()
    reader = CatalogReader(documents)
    assert await _names(reader) == []
    await _tag(documents, "one", 1)
    await _history(documents, 1)
    assert await _names(reader) == ["one"]


async def test_nothing_is_read_again_while_the_history_stands_still() -> None:
    documents = FakeDocuments()
    reader = CatalogReader(documents)
    await _history(documents, 1)
    first = await reader.current(NAMES)
    assert await reader.current(NAMES) is first


async def test_a_run_with_the_catalogs_key_as_its_id_hides_nothing() -> None:
    documents = FakeDocuments()
    reader = CatalogReader(documents)
    await _history(documents, 900, topic=RUNS)
    assert await _names(reader) == []
    await _tag(documents, "one", 1)
    await _history(documents, 1)
    assert await _names(reader) == ["one"]
