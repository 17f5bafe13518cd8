"""The recorded example of every event goes through its fold."""

import pytest
from tests.unit.projector.fold.builders import at, catalog_before

from contracts import examples, topics
from contracts.events import RunEvent
from projector.fold.catalog import fold_catalog
from projector.fold.outcome import Applied
from projector.fold.runs import fold_run


@pytest.mark.parametrize(("name", "version"), examples.names())
def test_every_example_is_applied_where_its_subject_exists(name: str, version: int) -> None:
    record = examples.load(name, version)
    if isinstance(record.event, RunEvent):
        run, _ = fold_run(None, examples.load("RunCreated", 1), at(0))
        if name in ("RunNoteEdited", "RunNoteDeleted"):
            run, _ = fold_run(run, examples.load("RunNoteAdded", 1), at(1))
        if name in ("RunUndeleted", "RunPurged", "TombstoneCleared"):
            run, _ = fold_run(run, examples.load("RunDeleted", 1), at(1))
        _, outcome = fold_run(None if name == "RunCreated" else run, record, at(2))
    else:
        _, outcome = fold_catalog(catalog_before(name), record, at(9, topics.CATALOG))
    assert isinstance(outcome, Applied)
    assert outcome.event is record.event
