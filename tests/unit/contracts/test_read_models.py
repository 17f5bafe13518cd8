"""Payloads of rows, and pieces of runs that readers make themselves."""

from typing import Any

from contracts.aimcodec.records import encode_tree
from contracts.blobs import Blob
from contracts.events import Audio, Custom, Distribution, Figure, Image, Item, LogRecord, Text
from contracts.keys import artifact_id, blob_key, data_key, path_key
from contracts.read_models import RunArtifact
from contracts.read_models.logs import pack_line, pack_record, unpack_line, unpack_record
from contracts.read_models.objects import pack_items, unpack_items
from contracts.read_models.segments import param_segments
from contracts.trees import set_aside

CLAIM, _ = set_aside("a large text")
ITEMS: tuple[Item, ...] = (
    Image(Blob(key="run/seq/a/1.png"), "caption", "PNG", 28, 28),
    Image(Blob(hash="00" * 32, size=7)),
    Audio(Blob(key="k"), rate=44_100),
    Text("ünï\n漢字"),
    Text(CLAIM),
    Distribution(b"\0" * 16, "int64", 2, (0.0, 1.0)),
    Figure({"data": [1 << 70]}, "plotly"),
    Custom({"a": {1: [None, CLAIM]}}),
)


def test_items_survive_as_payload() -> None:
    assert unpack_items(pack_items(ITEMS)) == ITEMS
    assert unpack_items(pack_items(())) == ()


def test_lines_and_records_survive_as_payload() -> None:
    for text in ("", "ünï", CLAIM):
        assert unpack_line(pack_line(text)) == text
    record = LogRecord("m", 20, 1.5, {"n": 1 << 80, "c": CLAIM}, ["f.py", 3], None)
    assert unpack_record(pack_record(record)) == record


def test_ids_and_keys_tell_runs_and_incarnations_apart() -> None:
    assert len({artifact_id(run, incarnation, "p") for run in ("a", "b") for incarnation in (1, 2)}) == 4
    assert artifact_id("a", 1, "p").startswith(f"{data_key('a', 1):016x}:")
    assert path_key("a") != path_key("b")
    assert blob_key("run-1", "ff") == "runs/run-1/content/ff"


def artifact(**fields: Any) -> RunArtifact:
    plain = {"uri": None, "content_type": None, "key": None, "hash": None, "place": None, "size": None}
    known: dict[str, Any] = {"version": 1, "run_id": "r", "incarnation": 1, "path": "p", "name": "p", "listed": True}
    return RunArtifact(id="1", position=1, **{**known, **plain, **fields})


def test_an_artifact_is_kept_here_or_elsewhere() -> None:
    assert artifact(key="r/p", place="uploads/1", size=3).blob == Blob("r/p", None, "uploads/1", 3)
    assert artifact(uri="s3://b/k").blob is None


def test_segments_of_params_part_what_the_system_logged() -> None:
    made = param_segments("r", {"lr": 0.1, "__system_params": {"a": 1}, "__blobs__": {"x": 1}})
    assert made.params == encode_tree({"lr": 0.1}, ("r", "params"))
    assert made.system_params == encode_tree({"a": 1}, ("r", "params", "__system_params"))
    assert not made.params_empty
    empty = param_segments("r", {"__system_params": None})
    assert empty.params_empty
    assert empty.system_params == encode_tree(None, ("r", "params", "__system_params"))
    assert param_segments("r", {}).system_params == b""
