"""matyan-client 0.3.0, unmodified: what reached the server is in the log once and is read back."""

import json
from collections import Counter
from typing import Any

import pytest
from tests.clients.matyan.held import held_by
from tests.clients.matyan.playing import FAULTS, FAULTS_OF_EVERY_KIND, MOMENTS, PLAIN, Played
from tests.clients.matyan.proxy import Fault
from tests.clients.matyan.wire import wire_run

from contracts.events import (
    LogLinesAppended,
    LogRecordsAppended,
    ObjectsTracked,
    ParamsSet,
    RunCreated,
    RunFinished,
    RunResumed,
)
from contracts.events.objects import Image

REACHED = (
    *PLAIN,
    *(f"fault-{fault}" for fault in FAULTS if fault != "http403"),
    *(f"every-kind-{fault}" for fault in FAULTS_OF_EVERY_KIND),
)


def kinds_sent(played: Played) -> Counter[str]:
    return Counter(message["type"] for message in played.messages())


def kinds_in_log(played: Played) -> Counter[str]:
    return Counter(type(event).__name__ for event in played.events)


def met_the_fault(played: Played) -> list[dict[str, Any]]:
    """The messages of the second frame, whether it was passed on or not."""
    lost: list[list[dict[str, Any]]] = played.sent.lost
    return lost[0] if lost else played.sent.frames[1].messages


@pytest.mark.parametrize("name", REACHED)
def test_every_point_that_reached_the_server_is_in_the_log_once_and_in_order(
    played: dict[str, Played], name: str
) -> None:
    one = played[name]
    assert one.points_in_log() == one.points_sent()


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("name", REACHED)
def test_exactly_what_reached_the_server_is_read_back(played: dict[str, Played], name: str, moment: str) -> None:
    one = played[name]
    run = wire_run(one.run_id, one.sent)
    run.tags.add("read")
    assert held_by(one.shown[moment]) == run.held()


@pytest.mark.parametrize("moment", MOMENTS[1:])
@pytest.mark.parametrize("name", REACHED)
def test_the_same_is_read_after_a_restart_and_after_a_rebuild(
    played: dict[str, Played], name: str, moment: str
) -> None:
    assert played[name].shown[moment] == played[name].answers


@pytest.mark.parametrize("name", REACHED)
def test_the_run_begins_and_ends_as_often_as_its_client_said(played: dict[str, Played], name: str) -> None:
    one = played[name]
    sent, kept = kinds_sent(one), kinds_in_log(one)
    assert kept[RunCreated.__name__] + kept[RunResumed.__name__] == sent["create_run"]
    assert kept[RunFinished.__name__] == sent["finish_run"]
    assert kept[ParamsSet.__name__] == sent["log_hparams"]
    assert one.answers["info"]["props"]["active"] is (sent["finish_run"] == 0)


def test_everything_that_a_script_logs_is_there(played: dict[str, Played]) -> None:
    one = played["log-everything"]
    assert one.status == 0, one.errors
    info = one.answers["info"]
    assert info["params"] == {
        "hparams": {
            "lr": 0.2,
            "layers": [1, 2, 3],
            "opt": {"name": "adam", "betas": [0.9, 0.99], "eps": 1e-8},
            "empty": {},
        },
        "single": {"only": {"one": {"leaf": 5}}},
        "scalar": 3,
        "x": {"y": "z"},
        "nullv": None,
        "huge": 2**70,
        "lone": "\ufffd",
    }
    props = info["props"]
    assert (props["name"], props["description"], props["archived"], props["active"]) == (
        "a name", "what it is", False, False,
    )  # fmt: skip
    assert props["experiment"]["name"] == "exp-b"
    assert sorted(tag["name"] for tag in props["tags"]) == ["read", "tag2"]
    assert props["end_time"] >= props["creation_time"]
    assert len(one.points_sent()) == 258
    assert {trace["name"] for trace in info["traces"]["metric"]} == {"loss", "acc", "flag", "odd", "a", "b", "burst"}


def test_objects_lines_and_records_are_in_the_log(played: dict[str, Played]) -> None:
    one = played["log-objects"]
    assert one.status == 0, one.errors
    rows = {
        (series.name, series.kind, row.step): row.items
        for event in one.events
        if isinstance(event, ObjectsTracked)
        for row in event.rows
        for series in [event.series[row.series]]
    }
    assert set(rows) == {
        ("img", "images", 0), ("img", "images", 7), ("aud", "audios", 0), ("txt", "texts", 0),
        ("dist", "distributions", 0), ("fig", "figures", 0),
    }  # fmt: skip
    (picture,) = rows["img", "images", 7]
    assert isinstance(picture, Image)
    assert (picture.format, picture.blob.key) == ("JPEG", f"{one.run_id}/seq/img/7.jpeg")
    records = [each for event in one.events if isinstance(event, LogRecordsAppended) for each in event.records]
    assert [(each.message, each.level) for each in records] == [
        ("told", 20), ("warned", 30), ("failed", 40), ("looked", 10),
    ]  # fmt: skip
    lines = {each.number: each.text for e in one.events if isinstance(e, LogLinesAppended) for each in e.lines}
    assert {"a line", "\x1b[31mred\x1b[0m"} <= set(lines.values())


def test_what_was_uploaded_is_kept_and_announced(played: dict[str, Played]) -> None:
    assert played["log-objects"].uploads == {
        "seq/img/0.png": b"\x89PNG bytes",
        "seq/img/7.jpeg": b"\xff\xd8 bytes",
        "seq/aud/0.wav": b"RIFF bytes",
        "a.txt": b"A",
        "dir x/ü.txt": b"U",
        "pre/sub/b.bin": b"B",
        "pre/c": b"C",
    }


def test_objects_lines_records_and_files_are_read_back_once(played: dict[str, Played]) -> None:
    shown = played["log-objects"].answers
    values = {
        (kind, trace["name"], step): value
        for kind in ("images", "audios", "texts", "distributions", "figures")
        for trace in shown[kind]
        for step, value in zip(trace["iters"], trace["values"], strict=True)
    }
    assert values["images", "img", 0] == [
        {"caption": "cap", "format": "PNG", "width": None, "height": None, "index": 0, "bytes": b"\x89PNG bytes"}
    ]
    assert values["images", "img", 7][0]["bytes"] == b"\xff\xd8 bytes"
    assert values["audios", "aud", 0] == [{"caption": "", "format": "wav", "index": 0, "bytes": b"RIFF bytes"}]
    assert values["texts", "txt", 0] == [{"data": "what it says", "index": 0}]
    assert values["distributions", "dist", 0]["bin_count"] == 3
    assert json.loads(values["figures", "fig", 0]["data"]) == {"data": [{"y": [1, 2]}], "layout": {}}
    assert len(values) == 6
    assert shown["images"][0]["context"] == {"subset": "val"}
    lines = [line for _, line in shown["lines"]]
    assert [line for line in lines if "matyan_client" not in line] == [
        "a line", "\x1b[31mred\x1b[0m", "begun and ended", "",
    ]  # fmt: skip
    count, *records = shown["records"]
    assert [(each["message"], each["log_level"], each["args"]) for _, each in records] == [
        ("told", "INFO", {"a": 1}), ("warned", "WARNING", None), ("failed", "ERROR", None), ("looked", "DEBUG", None),
    ]  # fmt: skip
    assert count == ("log_records_count", 4)
    assert shown["files"] == {"a.txt": b"A", "dir x/ü.txt": b"U", "pre/sub/b.bin": b"B", "pre/c": b"C"}
    watched = {trace["name"] for trace in shown["metric"]}
    assert "__system__cpu" in watched


def test_what_the_client_reads_of_a_run_is_what_was_logged(played: dict[str, Played]) -> None:
    one = played["read-everything"]
    assert one.status == 0, one.errors
    files = {"a.txt": "A", "dir x/ü.txt": "U", "pre/sub/b.bin": "B", "pre/c": "C"}
    assert one.said["downloads"] == {"bytes": "U", "file": "A", "all": files}
    assert one.said["run"] == {
        "lr": 0.1,
        "tags": ["settled"],
        "experiment": f"of {one.run_id}",
        "artifacts": sorted(files),
        "metrics": ["loss"],
        "loss": {"name": "loss", "context": {"subset": "train"}, "last_value": 0.5},
        "sequences": ["images", "metric"],
    }
    assert one.answers["metrics"][0]["values"] == [1.0]
    assert set(one.answers["info"]["params"]) == {"hparams", "__system_params"}


def test_what_the_client_reads_of_all_runs_holds_this_one(played: dict[str, Played]) -> None:
    one = played["read-everything"]
    assert one.said["repo"] == {
        "found": one.run_id,
        "missing": False,
        "iterated": True,
        "listed": True,
        "active": False,
        "counted": True,
        "queried": 1,
        "kinds": {
            kind: [one.run_id]
            for kind in ("metrics", "images", "audios", "figure_objects", "distributions", "texts")
        },
        "sequences": ["metric", "texts"],
        "params": {"lr": 0.1},
    }  # fmt: skip


def test_what_the_client_changes_by_rest_is_changed(played: dict[str, Played]) -> None:
    said = dict(played["read-everything"].said["transport"])
    assert said.pop("version")["component"] == "backend"
    assert {"name", "path"} <= set(said.pop("project"))
    assert said == {
        "changed": ["renamed", True, ["settled"]],
        "experiment": [2, True],
        "left": [],
        "one": True,
        "batch": "OK",
        "gone": [False, False],
    }


def test_what_a_clients_backup_keeps_is_there_after_its_restore(played: dict[str, Played]) -> None:
    """It keeps neither times nor tags; objects are lost in a backup that the client made, not in one of the server."""
    one = played["backup-and-restore"]
    assert one.status == 0, one.errors
    assert one.said == {"runs": 1, "blobs": 0, "uploaded": 1, "restored": 1, "errors": []}
    info = one.answers["info"]
    assert info["params"] == {"hparams": {"lr": 0.1, "layers": [1, 2]}, "other": {"deep": {"er": 1}}}
    props = info["props"]
    assert (props["name"], props["description"], props["archived"], props["active"]) == (
        "kept", "what is kept", False, False,
    )  # fmt: skip
    assert props["experiment"]["name"] == f"kept {one.run_id}"
    assert [tag["name"] for tag in props["tags"]] == ["read"]
    (loss,) = [metric for metric in one.answers["metrics"] if metric["name"] == "loss"]
    assert loss["context"] == {"subset": "train"}
    assert (loss["iters"], loss["values"]) == ([2 * step for step in range(300)], [step / 4 for step in range(300)])
    assert [(trace["name"], trace["iters"]) for trace in one.answers["images"]] == [("kept", [3])]
    assert one.answers["images"][0]["values"][0][0]["bytes"] == b"\x89PNG kept"
    assert [line for _, line in one.answers["lines"]].count("a line") == 1
    _, *records = one.answers["records"]
    assert [(each["message"], each["log_level"], each["args"]) for _, each in records] == [
        ("warned", "WARNING", {"a": 1})
    ]


def test_a_run_goes_on_and_its_client_reads_it_back(played: dict[str, Played]) -> None:
    one = played["resume-and-read"]
    assert one.status == 0, one.errors
    assert (one.said["tags"], one.said["begun"]) == ([], True)
    assert [metric["name"] for metric in one.said["metrics"]] == ["m"]
    # A resumed client counts from 0 again: the last write at a step wins.
    assert one.answers["metrics"][0]["values"] == [9.0, 2.0, 3.0, 4.0]
    # So it does for lines, but it said that it goes on: they come behind the others.
    lines = [line for _, line in one.answers["lines"]]
    assert [line for line in lines if line in {"begun", "resumed"}] == ["begun", "resumed"]


@pytest.mark.parametrize("name", ["exit-without-close", "exit-without-close-late", "exception-without-close"])
def test_a_script_that_does_not_close_leaves_an_active_run(played: dict[str, Played], name: str) -> None:
    one = played[name]
    assert kinds_sent(one)["finish_run"] == 0
    assert one.answers["info"]["props"]["active"]


def test_errors_do_not_end_a_connection(played: dict[str, Played]) -> None:
    one = played["fault-error_ack"]
    assert (one.sent.connections, one.said) == (1, {"closed": True})
    assert len(one.points_in_log()) == 4


@pytest.mark.parametrize("fault", ["drop2", "abort2"])
def test_a_client_that_connects_again_goes_on_with_the_same_run(played: dict[str, Played], fault: str) -> None:
    one = played[f"fault-{fault}"]
    assert one.sent.connections == 2
    assert kinds_sent(one)["create_run"] == 1
    assert {point[2] for point in one.points_in_log()} >= {0, 1, 3}


@pytest.mark.parametrize(("fault", "repeats"), [("noack", 1), ("lateack", 1), ("noackall", 2)])
def test_frames_that_are_sent_again_are_kept_once(played: dict[str, Played], fault: str, repeats: int) -> None:
    one = played[f"fault-{fault}"]
    assert len(one.sent.repeated()) >= repeats
    assert len(one.points_in_log()) == len(set(one.points_in_log()))


@pytest.mark.parametrize("fault", FAULTS_OF_EVERY_KIND)
def test_every_kind_of_message_meets_the_fault(played: dict[str, Played], fault: Fault) -> None:
    """Without this the comparisons of these scenarios would say little."""
    one = played[f"every-kind-{fault}"]
    frame = met_the_fault(one)
    assert Counter(message["type"] for message in frame) == {
        "log_record": 2,
        "log_hparams": 2,
        "set_run_property": 1,
        "add_tag": 1,
        "log_custom_object": 1,
        "log_metric": 1,
        "blob_ref": 1,
    }
    repeats = {"noack": 1, "lateack": 1, "noackall": 2}.get(fault, 0)
    assert [each.messages for each in one.sent.repeated()] == [frame] * repeats
    drops = fault in {"drop2", "abort2", "lose2", "noackall"}
    assert (f"dropping {len(frame)} message(s)" in one.errors) == drops


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("error_ack", ["early", "late"]),
        ("drop2", ["early", "late"]),
        ("abort2", ["early", "late"]),
        ("lose2", ["late"]),
        ("noack", ["early", "late"]),
        ("lateack", ["early", "late"]),
        ("noackall", ["early"]),
    ],
)
def test_of_every_kind_there_is_once_what_the_server_was_told(
    played: dict[str, Played], fault: Fault, said: list[str]
) -> None:
    """What a client drops has been told or not; it cannot know, and nothing else may be missing."""
    held = held_by(played[f"every-kind-{fault}"].answers)
    _, *records = held.records
    assert [record["message"] for _, record in records] == [
        message for when in said for message in (f"told {when}", "told each time")
    ]
    assert held.params == {"of": {when: {"lr": 0.1, "layers": [1, 2]} for when in said}, "last": said[-1]}
    assert held.props["description"] == f"described {said[-1]}"
    assert held.tags == [*said, "read"]
    ((_, texts),) = held.objects["texts"]
    assert [text for *_, text in texts] == [[{"data": f"what it says {when}", "index": 0}] for when in said]
    ((_, points),) = held.points
    assert len(points) == len(said)
    assert held.files == {f"{when}.txt": when.encode() for when in said}


def test_a_refused_upgrade_is_final(played: dict[str, Played]) -> None:
    one = played["fault-http403"]
    assert "refused" in one.said
    assert one.events == []
