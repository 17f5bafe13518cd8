"""Every event is complete: listed, with examples, schema, a row in the map, a fold case, and a view or a reason."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts import examples, schema_files, topics
from contracts.events import EVENTS, CatalogEvent, Event, RunEvent
from contracts.tables import TABLES, VIEW_COLLECTIONS
from contracts.upcasts import STEPS
from projector.fold import catalog, runs
from projector.projections.table import READ_BY, NoView, View

ROOT = Path(__file__).parents[2]
PROJECTIONS = ROOT / "services/projector/src/projector/projections"


def event_map() -> dict[str, list[str]]:
    """Event name to the other cells of its row."""
    lines = (ROOT / "docs/event-map.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    return {row[0].strip("`"): row[1:] for row in rows}


def defined_events(base: type[Event] = Event) -> Iterator[type[Event]]:
    """Every event class that the contracts define, whether it is listed or not."""
    for kind in base.__subclasses__():
        if kind not in (RunEvent, CatalogEvent) and kind.__module__.startswith("contracts.events."):
            yield kind
        yield from defined_events(kind)


def lacks(event: type[Event]) -> list[str]:
    """What is missing before this event may be merged."""
    name, versions = event.__name__, range(1, event.schema_version + 1)
    missing = [] if event in EVENTS else ["EVENTS"]
    missing += [f"example v{v}" for v in versions if (name, v) not in examples.names()]
    missing += [f"schema v{v}" for v in versions if not (schema_files.DIRECTORY / f"{name}.v{v}.json").exists()]
    missing += [f"upcast from v{v}" for v in versions[:-1] if (name, v) not in STEPS]
    missing += [] if name in event_map() else ["row in docs/event-map.md"]
    missing += [] if event in runs.HANDLED | catalog.HANDLED else ["fold case"]
    missing += [] if event in READ_BY else ["projection, or the reason for none"]
    return missing


@pytest.mark.parametrize("event", sorted(defined_events(), key=str))
def test_every_event_is_complete(event: type[Event]) -> None:
    assert lacks(event) == []


def test_an_event_without_its_companions_is_named() -> None:
    class RunTeleported(RunEvent, frozen=True):
        pass

    assert lacks(RunTeleported) == [
        "EVENTS",
        "example v1",
        "schema v1",
        "row in docs/event-map.md",
        "fold case",
        "projection, or the reason for none",
    ]


def test_a_new_version_needs_its_example_and_its_upcast() -> None:
    class RunRenamed(RunEvent, frozen=True):
        schema_version = 2

    assert {"example v2", "schema v2", "upcast from v1"} < set(lacks(RunRenamed))


def test_names_of_events_are_unique() -> None:
    names = [event.__name__ for event in EVENTS]
    assert len(set(names)) == len(names)


def test_nothing_describes_an_event_that_does_not_exist() -> None:
    names = {event.__name__ for event in EVENTS}
    assert {name for name, _ in examples.names()} == names
    assert {path.name.partition(".")[0] for path in schema_files.DIRECTORY.glob("*.json")} == names
    assert set(event_map()) == names
    assert set(READ_BY) == runs.HANDLED | catalog.HANDLED == set(EVENTS)


@pytest.mark.parametrize("event", EVENTS)
def test_committed_schemas_are_those_of_the_classes(event: type[Event]) -> None:
    committed = (schema_files.DIRECTORY / schema_files.file_name(event)).read_text(encoding="utf-8")
    assert committed == schema_files.schema_text(event), "run `python -m contracts.schema_files`"


@pytest.mark.parametrize("event", EVENTS)
def test_the_map_says_what_the_code_says(event: type[Event]) -> None:
    topic, producers, fold, projections, tables = event_map()[event.__name__]
    views = READ_BY[event]
    named = set(re.findall(r"`(\w+)`", projections))
    assert topic == f"`{topics.RUNS if issubclass(event, RunEvent) else topics.CATALOG}`"
    assert producers
    assert fold
    assert named == (set() if isinstance(views, NoView) else {view.value for view in views})
    stored = set(re.findall(r"`(\w+)`", tables))
    assert stored <= {collection.name for collection in VIEW_COLLECTIONS} | set(TABLES)
    assert View.HISTORY in stored


@pytest.mark.parametrize("event", EVENTS)
def test_each_fold_takes_the_events_of_its_topic(event: type[Event]) -> None:
    assert (event in runs.HANDLED) == issubclass(event, RunEvent)
    assert (event in catalog.HANDLED) == issubclass(event, CatalogEvent)


def test_every_view_is_a_module_and_every_reason_says_something() -> None:
    assert all((PROJECTIONS / f"{view.value}.py").exists() for view in View)
    assert all(len(views.reason) > 20 if isinstance(views, NoView) else views for views in READ_BY.values())
