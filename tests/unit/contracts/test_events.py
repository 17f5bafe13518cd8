"""Events as such: names, tags, round trips of their examples, and the JSON Schemas."""

import json
from pathlib import Path

import msgspec
import pytest

from contracts import examples, schema_files
from contracts.envelope import Recorded, decode, encode
from contracts.errors import InvalidEvent
from contracts.events import EVENTS, CatalogEvent, Event, MetricsTracked, RunCreated, RunEvent
from contracts.keys import check_run_id
from contracts.metric_points import unpack_columns
from contracts.topics import CATALOG_KEY, MAX_RECORD_BYTES

RECORDS = [pytest.param(examples.load(name, version), id=f"{name}.v{version}") for name, version in examples.names()]


@pytest.mark.parametrize("record", RECORDS)
def test_an_example_survives_the_log(record: Recorded) -> None:
    value = encode(record)
    assert decode(value) == record
    assert encode(decode(value)) == value
    assert len(value) < MAX_RECORD_BYTES


@pytest.mark.parametrize("record", RECORDS)
def test_an_example_has_the_key_of_its_topic(record: Recorded) -> None:
    if isinstance(record.event, RunEvent):
        assert check_run_id(record.header.key) == record.header.key
    else:
        assert isinstance(record.event, CatalogEvent)
        assert record.header.key == CATALOG_KEY


def test_ids_of_examples_are_unique_and_rise() -> None:
    ids = [examples.load(event.__name__, event.schema_version).header.id for event in EVENTS]
    assert len(set(ids)) == len(ids)


def test_the_example_of_points_can_be_unpacked() -> None:
    event = examples.load("MetricsTracked", 1).event
    assert isinstance(event, MetricsTracked)
    columns = unpack_columns(event.points, event.count)
    assert set(columns.series.tolist()) == set(range(len(event.series)))


@pytest.mark.parametrize("record", RECORDS)
def test_an_example_holds_exactly_the_fields_of_its_class(record: Recorded) -> None:
    name = type(record.event).__name__
    file = Path(examples.__file__).parent / f"{name}.v{record.event.schema_version}.json"
    fields = json.loads(file.read_text(encoding="utf-8"))["event"]
    assert set(fields) == {"type", *type(record.event).__struct_encode_fields__}
    assert fields["type"] == name


def test_an_example_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        examples.load("RunCreated", 99)
    with pytest.raises(InvalidEvent):
        examples.load("RunTeleported", 1)


@pytest.mark.parametrize("event", EVENTS)
def test_events_cannot_be_changed(event: type[Event]) -> None:
    record = examples.load(event.__name__, event.schema_version)
    assert event.__struct_config__.frozen
    with pytest.raises(AttributeError):
        record.event.type = "other"  # type: ignore[attr-defined]  # the point of the test


def test_schemas_are_written_for_the_current_versions_and_name_every_field(tmp_path: Path) -> None:
    schema_files.write(tmp_path)
    assert len(list(tmp_path.iterdir())) == len(EVENTS)
    schema = json.loads((tmp_path / "RunCreated.v1.json").read_text(encoding="utf-8"))
    assert set(schema["$defs"]["RunCreated"]["properties"]) == {"type", *RunCreated.__struct_encode_fields__}


def test_an_event_without_a_field_it_needs_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"type": "RunCreated"}, RunCreated)
