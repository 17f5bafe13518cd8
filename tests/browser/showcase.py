"""One project with something for every screen, logged through the native endpoint as a person's scripts would."""

import math
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
from tests.browser.media import curve, picture, tone

TRIALS = 50
POINTS = 24  # of each curve of a trial
GALLERY_STEPS = 12
LINES = 320  # that the gallery printed: more than a page of the log shows at once
RECORDS = 12

GALLERY = "gallery"
LIVE = "live-training"
OTHER_LIVE = "live-evaluation"
SET_ASIDE = "set-aside"

RUNS = TRIALS + 3  # that are not archived
EXPERIMENTS = ("learning rate sweep", "media", "live")

_DAY = 86_400.0
_API = "/api/v1/rest"
_PRINTED = (
    "epoch {n}: \x1b[32mok\x1b[0m",
    "epoch {n}: loss falls",
    "epoch {n}: a longer line with unicode \u2014 \u00b5",
)

Message = dict[str, Any]


@dataclass(frozen=True)
class Trial:
    """number: the newest trial has the highest."""

    number: int

    @property
    def id(self) -> str:
        return f"{self.number:024x}"

    @property
    def name(self) -> str:
        return f"trial {self.number:02d}"

    @property
    def optimizer(self) -> str:
        return ("sgd", "adam", "rmsprop")[self.number % 3]

    @property
    def learning_rate(self) -> float:
        return round(10 ** (-1 - self.number % 5 / 2), 6)


def log_showcase(url: str, now: float) -> None:
    """All of it ends at `now` (seconds UTC) or goes on. Readable when this returns."""
    with httpx.Client(base_url=url, timeout=30) as client:
        for number in range(TRIALS):
            log(client, Trial(number).id, _trial(Trial(number), now))
        log(client, GALLERY, _gallery(now))
        _upload(client, GALLERY, "report/summary.txt", "text/plain", b"all went well\n")
        _upload(client, GALLERY, "weights.bin", "application/octet-stream", bytes(range(256)))
        log(client, LIVE, _live(LIVE, now - 600))
        log(client, OTHER_LIVE, _live(OTHER_LIVE, now - 300))
        log(client, SET_ASIDE, [*_beginning(SET_ASIDE, "media", now - 3 * _DAY), _set(archived=True), _end(now - _DAY)])


def log(client: httpx.Client, run_id: str, messages: list[Message]) -> None:
    """Taken without exception, and readable."""
    answer = client.post(
        f"/api/v1/ingest/runs/{run_id}",
        content=msgspec.msgpack.encode(messages),
        headers={"Content-Type": "application/msgpack"},
    )
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["rejected"] == [], run_id
    read = client.get(f"{_API}/runs/{run_id}/info", headers={"X-Tallybook-Position": told["position"]})
    assert read.status_code == 200, read.text


def printed(number: int) -> Message:
    """One line in the terminal of a run."""
    return {"type": "log_terminal_line", "line": _PRINTED[number % 3].format(n=number), "step": number}


def _beginning(name: str, experiment: str, at: float) -> list[Message]:
    return [{"type": "create_run", "creation_time": at}, _set(name=name, experiment=experiment)]


def _set(**properties: Any) -> Message:
    return {"type": "set_run_property", **properties}


def _end(at: float) -> Message:
    return {"type": "finish_run", "end_time": at}


def _trial(trial: Trial, now: float) -> list[Message]:
    """Trials began one after the other over the last four months, so that the heat map has something to show."""
    at = now - (TRIALS - trial.number) ** 1.22 * _DAY - 3_600
    params = {
        "hparams": {"lr": trial.learning_rate, "batch_size": 2 ** (4 + trial.number % 4), "optimizer": trial.optimizer},
        "seed": trial.number,
    }
    tags = [{"type": "add_tag", "tag_name": "baseline"}] if trial.number % 10 == 0 else []
    return [
        *_beginning(trial.name, EXPERIMENTS[0], at),
        _set(description=f"learning rate {trial.learning_rate}"),
        *({"type": "log_hparams", "value": {key: value}} for key, value in params.items()),
        *tags,
        _curves(at, trial.learning_rate, trial.number),
        _end(at + 2 * POINTS + 60),
    ]


def _curves(at: float, rate: float, seed: int) -> Message:
    """loss of training and validation, accuracy of validation, and how many examples were seen so far."""
    series = [
        {"name": "loss", "context": {"subset": "train"}, "dtype": "float"},
        {"name": "loss", "context": {"subset": "val"}, "dtype": "float"},
        {"name": "accuracy", "context": {"subset": "val"}, "dtype": "float"},
        {"name": "examples", "context": {"subset": "val"}, "dtype": "int"},
    ]
    rows = [(number, step, value) for step in range(POINTS) for number, value in enumerate(_values(step, rate, seed))]
    points = {
        "series": [number for number, _, _ in rows],
        "step": [step for _, step, _ in rows],
        "value": [value for _, _, value in rows],
        "epoch": [step // 4 for _, step, _ in rows],
        "client_datetime": [at + 2 * step for _, step, _ in rows],
    }
    return {"type": "log_metrics", "series": series, "points": points}


def _values(step: int, rate: float, seed: int) -> tuple[float, float, float, int]:
    fall = math.exp(-step * (0.05 + rate))
    wiggle = 0.03 * math.sin(step * 1.7 + seed)
    return (0.1 + fall + wiggle, 0.15 + fall - wiggle, 0.95 - 0.6 * fall + wiggle / 3, 64 * (step + 1) ** 2)


def _gallery(now: float) -> list[Message]:
    at = now - _DAY / 2
    messages = [
        *_beginning(GALLERY, EXPERIMENTS[1], at),
        _set(description="one of each kind"),
        {"type": "log_hparams", "value": {"hparams": {"lr": 0.02, "optimizer": "adam", "betas": [0.9, 0.999]}}},
        {"type": "log_hparams", "value": {"dataset": {"name": "digits", "classes": 10, "augment": None}}},
        {"type": "log_hparams", "value": {"__system_params": _system()}},
        {"type": "add_tag", "tag_name": "has media"},
        {"type": "note", "content": "Look at the **pictures** first."},
        _curves(at, 0.02, 7),
        *_machine(at),
        *(message for step in range(GALLERY_STEPS) for message in _objects(step, at + 10 * step)),
        *(printed(number) for number in range(LINES)),
        *(_record(number, at) for number in range(RECORDS)),
        {
            "type": "artifact",
            "name": "elsewhere.pt",
            "path": "ckpt/elsewhere.pt",
            "uri": "s3://bucket/ckpt/elsewhere.pt",
        },
    ]
    return [*messages, _end(at + 900)]


def _system() -> Message:
    return {
        "executable": "/usr/bin/python3",
        "arguments": ["train.py", "--lr", "0.02"],
        "packages": {"numpy": "2.4.6", "httpx": "0.28.1"},
        "env_variables": {"HOME": "/home/someone", "LANG": "C.UTF-8"},
        "git_info": {
            "branch": "main",
            "remote_origin_url": "",
            "commit": {"hash": "0123abc", "timestamp": "", "author": "a"},
        },
    }


def _machine(at: float) -> list[Message]:
    names = ("__system__cpu", "__system__memory_percent")
    return [
        {
            "type": "log_metric",
            "name": name,
            "context": None,
            "dtype": "float",
            "epoch": None,
            "step": step,
            "value": 40 + 20 * math.sin(step + number),
            "client_datetime": at + step,
        }
        for number, name in enumerate(names)
        for step in range(20)
    ]


def _objects(step: int, at: float) -> list[Message]:
    """What is logged at one step: lists of pictures and texts, single objects of the other kinds."""
    pictures = [
        {"data": picture(step, n), "format": "png", "caption": f"step {step} #{n}", "width": 48, "height": 48}
        for n in range(3)
    ]
    weights = [math.exp(-(((n - 10 - step) / 4) ** 2)) for n in range(24)]
    values: list[tuple[str, str, Message, Any]] = [
        ("samples", "image", {"subset": "val"}, pictures),
        ("cover", "image", {}, pictures[0]),
        ("answers", "text", {"subset": "val"}, [{"data": f"answer {n} at step {step}"} for n in range(2)]),
        ("weights", "distribution", {"layer": "first"}, {"data": weights, "bin_count": 24, "range": [-1.0, 1.0]}),
        (
            "beep",
            "audio",
            {},
            {"data": tone(300 + 40 * step), "format": "wav", "caption": f"beep {step}", "rate": 8_000},
        ),
        ("roc", "figure", {"subset": "val"}, {"data": curve(f"ROC at step {step}", 0.2 + step / 20)}),
    ]
    return [
        {
            "type": "log_custom_object",
            "name": name,
            "context": context,
            "dtype": dtype,
            "value": value,
            "step": step,
            "epoch": step // 4,
            "client_datetime": at,
        }
        for name, dtype, context, value in values
    ]


def _record(number: int, at: float) -> Message:
    level = (10, 20, 30, 40)[number % 4]
    message = f"record {number} of the gallery"
    return {
        "type": "log_record",
        "message": message,
        "level": level,
        "timestamp": at + number,
        "logger_info": ["train.py", 10 + number],
        "extra_args": {"batch": number},
    }


def _live(name: str, at: float) -> list[Message]:
    params = {"type": "log_hparams", "value": {"hparams": {"lr": 0.05, "optimizer": "adam"}}}
    return [*_beginning(name, EXPERIMENTS[2], at), params, _curves(at, 0.05, 3), *(printed(n) for n in range(5))]


def _upload(client: httpx.Client, run_id: str, path: str, content_type: str, data: bytes) -> None:
    """An artifact as the Python client sends it: asked for a place, put there, announced."""
    asked = {"run_id": run_id, "artifact_path": path, "content_type": content_type}
    place = client.post(f"{_API}/artifacts/presign", json=asked).json()
    stored = client.put(
        place["upload_url"], content=data, headers={"Content-Type": content_type, **(place["headers"] or {})}
    )
    assert stored.is_success, stored.text
    announced = {"type": "blob_ref", "s3_key": place["s3_key"], "artifact_path": path, "content_type": content_type}
    log(client, run_id, [announced])


def short_run(name: str, experiment: str, at: float, *, ended: bool = True) -> list[Message]:
    """A run with a few curves, for walks that change it."""
    begun = [*_beginning(name, experiment, at), _curves(at, 0.05, 1)]
    return [*begun, _end(at + 120)] if ended else begun
