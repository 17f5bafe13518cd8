"""What a user of matyan-client writes, a function for each scenario. Runs in the client's own environment.

Arguments: scenario, frontier's address, backend's address, run id, seconds to wait before the end. Prints what the user
saw, as one JSON line.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from matyan_client import Audio, Distribution, Figure, Image, Run, Text

FRONTIER, BACKEND, RUN_ID, PAUSE = sys.argv[2:6]


def new_run(*, force_resume: bool = False, experiment: str | None = None) -> Run:
    return Run(
        run_hash=RUN_ID,
        repo=BACKEND,
        frontier_url=FRONTIER,
        capture_terminal_logs=False,
        force_resume=force_resume,
        experiment=experiment,
    )


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
    """Files, pictures, sounds, texts, records and lines: everything that is uploaded or captured."""
    run = Run(run_hash=RUN_ID, repo=BACKEND, frontier_url=FRONTIER, capture_terminal_logs=True)
    run.track(Image(b"\x89PNG bytes", caption="cap"), name="img", context={"subset": "val"})
    run.track(Image(b"\xff\xd8 bytes", format_="JPEG"), name="img", step=7, context={"subset": "val"})
    run.track(Audio(b"RIFF bytes", format_="wav", rate=8_000), name="aud")
    run.track(Text("what it says"), name="txt")
    run.track(Distribution(hist=[1, 2, 3], bin_range=(0.0, 3.0)), name="dist")
    run.track(Figure({"data": [{"y": [1, 2]}], "layout": {}}), name="fig")
    run.log_info("told", a=1)
    run.log_warning("warned")
    run.log_error("failed")
    run.log_debug("looked")
    with tempfile.TemporaryDirectory() as folder:
        for path, text in {"a.txt": "A", "dir x/ü.txt": "U", "tree/sub/b.bin": "B", "tree/c": "C"}.items():
            file = Path(folder) / path
            file.parent.mkdir(exist_ok=True, parents=True)
            file.write_text(text)
        run.log_artifact(f"{folder}/a.txt")
        run.log_artifact(f"{folder}/dir x/ü.txt", name="dir x/ü.txt")
        run.log_artifacts(f"{folder}/tree", name="pre")
        print("a line")  # noqa: T201 - the client captures it
        print("\x1b[31mred\x1b[0m")  # noqa: T201 - the client captures it
        run.close()


def resume_and_read() -> None:
    """A run that another process began and that this one goes on with."""
    run = new_run()
    run["begun"] = True
    for value in (1.0, 2.0, 3.0):
        run.track(value, name="m")
    run.close()
    run = new_run(force_resume=True)
    run["resumed"] = True
    run.track(9.0, name="m")
    run.track(4.0, name="m", step=3)
    run.close()
    reader = Run(run_hash=RUN_ID, repo=BACKEND, read_only=True)
    for _ in range(200):
        if reader.end_time is not None and len(reader.metrics()) == 1:
            break
        time.sleep(0.05)
    tell(metrics=reader.metrics(), tags=reader.tags, begun=reader["begun"])


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


SCENARIOS: dict[str, Callable[[], None]] = {
    "log-everything": log_everything,
    "log-objects": log_objects,
    "resume-and-read": resume_and_read,
    "exit-without-close": exit_without_close,
    "exit-without-close-late": exit_without_close_late,
    "exception-without-close": exception_without_close,
    "four-points": four_points,
}

if __name__ == "__main__":
    SCENARIOS[sys.argv[1]]()
