"""What a user of matyan-client writes, a function for each scenario. Runs in the client's own environment.

Arguments: scenario, frontier's address, backend's address, run id, seconds to wait before the end (or a file to wait
for, or a folder of such). Prints what the user saw, as one JSON line.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from matyan_client import Audio, Distribution, Figure, Image, Repo, Run, Text
from matyan_client.backup import run_backup
from matyan_client.restore import restore_reingest
from matyan_client.transport.http import HttpTransport

FRONTIER, BACKEND, RUN_ID, PAUSE = sys.argv[2:6]


def new_run(*, force_resume: bool = False, experiment: str | None = None, captures: bool = False) -> Run:
    return Run(
        run_hash=RUN_ID,
        repo=BACKEND,
        frontier_url=FRONTIER,
        capture_terminal_logs=captures,
        force_resume=force_resume,
        experiment=experiment,
    )


def settle(backend: HttpTransport, run_id: str) -> None:
    """Until everything that was logged can be read: a change by REST is answered after all that came before it."""
    while not Repo(BACKEND).run_exists(run_id):
        time.sleep(0.05)
    backend.add_tag_to_run(run_id, "settled")


def tell(**seen: object) -> None:
    print(json.dumps(seen), flush=True)  # noqa: T201 - the test reads it


def log_everything() -> None:
    """What there is to log besides files, pictures and lines."""
    run = new_run(experiment="exp-a")
    run["hparams"] = {"lr": 0.1, "layers": [1, 2, 3], "opt": {"name": "adam", "betas": (0.9, 0.99)}, "empty": {}}
    run["hparams.lr"] = 0.2
    run["hparams.opt.eps"] = 1e-8
    run["single"] = {"only": {"one": {"leaf": 5}}}
    run["scalar"] = 3
    run.set("x.y", "z")
    run["nullv"] = None
    run["huge"] = 2**70
    run["lone"] = "\ud83d"
    run.name = "a name"
    run.description = "what it is"
    run.archived = True
    run.archived = False
    run.experiment = "exp-b"
    run.add_tag("tag1")
    run.add_tag("tag2")
    run.remove_tag("tag1")
    run.track(0.5, name="loss", context={"subset": "train"})
    run.track(0.25, name="loss", context={"subset": "train"})
    run.track(1.5, name="acc", step=10, epoch=2)
    run.track(True, name="flag")
    run.track(float("nan"), name="odd", step=0)
    run.track(float("inf"), name="odd", step=1)
    run.track({"a": 1, "b": 2.5}, context={"many": True})
    for step in range(250):
        run.track(step * 0.5, name="burst", step=step)
    run.close()


def log_objects() -> None:
    """Files, pictures, sounds, texts, records and lines: everything that is uploaded, captured or watched."""
    run = Run(
        run_hash=RUN_ID, repo=BACKEND, frontier_url=FRONTIER, capture_terminal_logs=True, system_tracking_interval=0.5
    )
    _track_objects(run)
    run.log_info("told", a=1)
    run.log_warning("warned")
    run.log_error("failed")
    run.log_debug("looked")
    with tempfile.TemporaryDirectory() as folder:
        _log_files(run, Path(folder))
        print("a line")  # noqa: T201 - the client captures it
        print("\x1b[31mred\x1b[0m")  # noqa: T201 - the client captures it
        print("begun", end="")  # noqa: T201 - the client sends the line twice, the second time with its end
        time.sleep(1.2)
        print(" and ended")  # noqa: T201 - as above
        run.close()


def _track_objects(run: Run) -> None:
    run.track(Image(b"\x89PNG bytes", caption="cap"), name="img", context={"subset": "val"})
    run.track(Image(b"\xff\xd8 bytes", format_="JPEG"), name="img", step=7, context={"subset": "val"})
    run.track(Audio(b"RIFF bytes", format_="wav", rate=8_000), name="aud")
    run.track(Text("what it says"), name="txt")
    run.track(Distribution(hist=[1, 2, 3], bin_range=(0.0, 3.0)), name="dist")
    run.track(Figure({"data": [{"y": [1, 2]}], "layout": {}}), name="fig")


def _log_files(run: Run, folder: Path) -> None:
    """The folder must be there until the run is closed."""
    for path, text in {"a.txt": "A", "dir x/ü.txt": "U", "tree/sub/b.bin": "B", "tree/c": "C"}.items():
        file = folder / path
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text(text)
    run.log_artifact(f"{folder}/a.txt")
    run.log_artifact(f"{folder}/dir x/ü.txt", name="dir x/ü.txt")
    run.log_artifacts(f"{folder}/tree", name="pre")


def resume_and_read() -> None:
    """A run that another process began and that this one goes on with."""
    run = new_run(captures=True)
    run["begun"] = True
    for value in (1.0, 2.0, 3.0):
        run.track(value, name="m")
    print("begun")  # noqa: T201 - the client captures it
    run.close()
    run = new_run(force_resume=True, captures=True)
    run["resumed"] = True
    print("resumed")  # noqa: T201 - the client captures it
    run.track(9.0, name="m")
    run.track(4.0, name="m", step=3)
    run.close()
    reader = Run(run_hash=RUN_ID, repo=BACKEND, read_only=True)
    for _ in range(200):
        if reader.end_time is not None and len(reader.metrics()) == 1:
            break
        time.sleep(0.05)
    tell(metrics=reader.metrics(), tags=reader.tags, begun=reader["begun"])


def read_everything() -> None:
    """All that the client has for reading, on runs and experiments of this script alone; others may be there too."""
    experiment = f"of {RUN_ID}"
    run = new_run(experiment=experiment)
    run["hparams"] = {"lr": 0.1}
    run.track(0.5, name="loss", context={"subset": "train"})
    _track_objects(run)
    with tempfile.TemporaryDirectory() as folder:
        _log_files(run, Path(folder))
        run.close()
    backend = HttpTransport(BACKEND)
    settle(backend, RUN_ID)
    run = Run(
        run_hash=RUN_ID,
        repo=BACKEND,
        frontier_url=FRONTIER,
        capture_terminal_logs=False,
        force_resume=True,
        log_system_params=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        run.download_artifact("a.txt", f"{folder}/one")
        files = run.download_artifacts(f"{folder}/all")
        downloads = {
            "bytes": run.get_artifact("dir x/ü.txt").decode(),
            "file": Path(folder, "one").read_text(),
            "all": {str(file.relative_to(f"{folder}/all")): file.read_text() for file in files},
        }
    seen = {
        "lr": run["hparams.lr"],
        "tags": run.tags,
        "experiment": run.props["experiment"]["name"],
        "artifacts": sorted(artifact["path"] for artifact in run.artifacts),
        "metrics": [name for name, _, _ in run.iter_metrics_info()],
        "loss": run.get_metric("loss", {"subset": "train"}),
        "sequences": sorted(run.collect_sequence_info(("metric", "images"))),
    }
    run.track(1.0, name="loss", context={"subset": "train"})
    run.close()
    settle(backend, RUN_ID)
    tell(downloads=downloads, run=seen, repo=_read_repo(experiment), transport=_change_by_rest(backend))


def _read_repo(experiment: str) -> dict[str, object]:
    repo = Repo(BACKEND)
    mine = f'run.hash == "{RUN_ID}"'
    # The loop that reads pages ends with a page that is not full.
    pages = list(repo.query_runs(f'run.experiment == "{experiment}"'))
    kinds = ("metrics", "images", "audios", "figure_objects", "distributions", "texts")
    found = repo.get_run(RUN_ID)
    seen: dict[str, object] = {
        "found": found is not None and found.hash,
        "missing": repo.run_exists("missing"),
        "iterated": RUN_ID in [run.hash for run in repo.iter_runs()],
        "listed": RUN_ID in repo.list_all_runs(),
        "active": RUN_ID in repo.list_active_runs(),
        "counted": repo.total_runs_count() > 0,
        "queried": len(pages),
        "kinds": {kind: [run["hash"] for run in getattr(repo, f"query_{kind}")(mine)] for kind in kinds},
        "sequences": sorted(repo.collect_sequence_info(("metric", "texts")).get(RUN_ID, {})),
        "params": repo.collect_params_info()[RUN_ID]["hparams"],
    }
    repo.close()
    return seen


def _change_by_rest(backend: HttpTransport) -> dict[str, object]:
    """On two runs more, which are gone afterwards."""
    others = [f"{RUN_ID}-{number}" for number in range(2)]
    experiment = f"gone with {RUN_ID}"
    for other in others:
        run = Run(
            run_hash=other, repo=BACKEND, frontier_url=FRONTIER, capture_terminal_logs=False, experiment=experiment
        )
        run.close()
        settle(backend, other)
    backend.update_run(others[0], name="renamed", archived=True)
    tag = backend.add_tag_to_run(others[0], "for a while")["tag_id"]
    backend.remove_tag_from_run(others[0], tag)
    changed = backend.get_run_info(others[0])["props"]
    repo = Repo(BACKEND)
    (found,) = [each for each in backend.list_experiments() if each["name"] == experiment]
    seen: dict[str, object] = {
        "changed": [changed["name"], changed["archived"], [each["name"] for each in changed["tags"]]],
        "experiment": [found["run_count"], repo.delete_experiment(found["id"])],
        "left": [each["name"] for each in backend.list_experiments() if each["name"] == experiment],
        "one": repo.delete_run(others[0]),
        "batch": backend.delete_runs_batch([others[1]])["status"],
        "gone": [repo.run_exists(other) for other in others],
        "project": sorted(backend.get_project_info()),
        "version": backend.get_version(),
    }
    repo.close()
    backend.close()
    return seen


def backup_and_restore() -> None:
    """A backup by the client, a picture put into it as the server does, the run deleted, all sent in again."""
    run = Run(
        run_hash=RUN_ID, repo=BACKEND, frontier_url=FRONTIER, capture_terminal_logs=True, experiment=f"kept {RUN_ID}"
    )
    run.name = "kept"
    run.description = "what is kept"
    run["hparams"] = {"lr": 0.1, "layers": [1, 2]}
    run["other"] = {"deep": {"er": 1}}
    run.add_tag("lost")
    for step in range(300):
        run.track(step / 4, name="loss", context={"subset": "train"}, step=2 * step)
    run.track(Image(b"\x89PNG bytes", caption="cap"), name="img")
    run.log_warning("warned", a=1)
    print("a line")  # noqa: T201 - the client captures it
    time.sleep(1.2)
    run.close()
    backend = HttpTransport(BACKEND)
    settle(backend, RUN_ID)
    with tempfile.TemporaryDirectory() as folder:
        made = run_backup(folder, backend_url=BACKEND, run_hashes=[RUN_ID])
        _add_picture(made.backup_path / "runs" / RUN_ID)
        backend.delete_run(RUN_ID)
        restored = restore_reingest(str(made.backup_path), backend_url=BACKEND, frontier_url=FRONTIER)
    tell(
        runs=made.run_count,
        blobs=made.blob_count,
        uploaded=restored.blobs_uploaded,
        restored=restored.runs_processed,
        errors=restored.errors,
    )


def _add_picture(folder: Path) -> None:
    traces = json.loads((folder / "traces.json").read_text())
    traces.append({"name": "kept", "context_id": 0, "dtype": "image", "last": 0.0, "last_step": 3})
    (folder / "traces.json").write_text(json.dumps(traces))
    value = {"type": "image", "format": "PNG", "caption": "cap", "s3_key": f"{RUN_ID}/seq/kept/3.png"}
    with (folder / "sequences.jsonl").open("a") as sequences:
        sequences.write(json.dumps({"ctx_id": 0, "name": "kept", "step": 3, "value": value}) + "\n")
    picture = folder / "blobs" / "seq" / "kept" / "3.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"\x89PNG kept")


def exit_without_close() -> None:
    run = new_run()
    run["a"] = 1
    run.track(1.0, name="m")


def exit_without_close_late() -> None:
    run = new_run()
    run["a"] = 1
    run.track(1.0, name="m")
    time.sleep(1.5)
    run.track(2.0, name="m")


def exception_without_close() -> None:
    run = new_run()
    run.track(1.0, name="m")
    time.sleep(1.5)
    raise RuntimeError("as in a training that breaks")


def four_points() -> None:
    """Four frames of one point, then the end."""
    try:
        run = new_run()
    except ConnectionError as error:
        tell(refused=str(error))
        return
    for value in range(4):
        run.track(float(value), name="m")
        time.sleep(0.3)
    time.sleep(float(PAUSE))
    run.close()
    tell(closed=True)


def every_kind() -> None:
    """What may be said of a run at once, said twice, each time when it is told to."""
    run = new_run()
    with tempfile.TemporaryDirectory() as folder:
        for when in ("early", "late"):
            while not Path(PAUSE, when).exists():
                time.sleep(0.02)
            _say_every_kind(run, when, Path(folder))
        run.close()
    tell(closed=True)


def _say_every_kind(run: Run, when: str, folder: Path) -> None:
    run.log_info(f"told {when}", when=when)
    run.log_error("told each time")
    run[f"of.{when}"] = {"lr": 0.1, "layers": [1, 2]}
    run["last"] = when
    run.description = f"described {when}"
    run.add_tag(when)
    run.track(Text(f"what it says {when}"), name="txt")
    run.track(0.5, name="m")
    file = folder / f"{when}.txt"
    file.write_text(when)
    run.log_artifact(str(file))


def points_until_told() -> None:
    """A point every now and then, until there is a file."""
    run = new_run()
    run["begun"] = True
    step = 0
    while not Path(PAUSE).exists():
        run.track(float(step), name="m")
        step += 1
        time.sleep(0.02)
    run.close()
    tell(tracked=step)


SCENARIOS: dict[str, Callable[[], None]] = {
    "log-everything": log_everything,
    "log-objects": log_objects,
    "resume-and-read": resume_and_read,
    "read-everything": read_everything,
    "backup-and-restore": backup_and_restore,
    "exit-without-close": exit_without_close,
    "exit-without-close-late": exit_without_close_late,
    "exception-without-close": exception_without_close,
    "four-points": four_points,
    "every-kind": every_kind,
    "points-until-told": points_until_told,
}

if __name__ == "__main__":
    SCENARIOS[sys.argv[1]]()
