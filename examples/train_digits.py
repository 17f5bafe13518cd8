"""Trains classifiers on scikit-learn's handwritten digits and logs every one of them as a run of Tallybook.

    python examples/train_digits.py --url http://127.0.0.1:53800 --runs 24 --processes 2

Each run is trained in a process of its own choosing, as on a real machine: the server sees several writers at once.
"""

import argparse
import itertools
import json
import os
import random
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.ensemble import ExtraTreesClassifier, GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import MultinomialNB
from sklearn.neural_network import MLPClassifier

EXPERIMENT = "handwritten digits"
_SHOWN = ("hidden_layers", "max_depth", "alpha", "learning_rate")
"""Parameters that tell runs of one family apart."""

_ATTEMPTS = 6
_TIMEOUT_SECONDS = 30

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Message = dict[str, Any]


@dataclass(frozen=True)
class Digits:
    """1,797 images of 8 x 8 pixels in 0..1, shape (n, 64), and the digit that each shows; a fifth is for validation."""

    train: Floats
    train_labels: Labels
    val: Floats
    val_labels: Labels


@dataclass(frozen=True)
class Plan:
    """One run to be: `model` and `optimizer` become its nested parameters."""

    family: str
    model: dict[str, Any]
    optimizer: dict[str, Any] = field(default_factory=dict)
    seed: int = 0

    @property
    def name(self) -> str:
        kind = [self.model["kind"]] if "kind" in self.model else []
        chosen = {**self.model, **self.optimizer}
        values = [f"{key}={chosen[key]}" for key in _SHOWN if key in chosen]
        return " ".join([*kind, self.family, *values])


class Model(Protocol):
    """What we use of a scikit-learn classifier."""

    def predict_proba(self, images: Floats) -> Floats: ...


Epochs = Iterator[Model]
"""The model after each epoch."""


def _linear(plan: Plan, digits: Digits, epochs: int) -> Epochs:
    model = SGDClassifier(
        loss="log_loss",
        alpha=plan.model["alpha"],
        learning_rate=plan.optimizer["schedule"],
        eta0=plan.optimizer["learning_rate"],
        random_state=plan.seed,
    )
    return _by_passes(model, plan, digits, epochs)


def _network(plan: Plan, digits: Digits, epochs: int) -> Epochs:
    model = MLPClassifier(
        hidden_layer_sizes=tuple(plan.model["hidden_layers"]),
        activation=plan.model["activation"],
        solver=plan.optimizer["kind"],
        learning_rate_init=plan.optimizer["learning_rate"],
        batch_size=plan.optimizer["batch_size"],
        random_state=plan.seed,
    )
    return _by_passes(model, plan, digits, epochs)


def _bayes(plan: Plan, digits: Digits, epochs: int) -> Epochs:
    return _by_passes(MultinomialNB(alpha=plan.model["alpha"]), plan, digits, epochs)


def _forest(plan: Plan, digits: Digits, epochs: int) -> Epochs:
    kind = RandomForestClassifier if plan.model["kind"] == "random" else ExtraTreesClassifier
    model = kind(max_depth=plan.model["max_depth"], random_state=plan.seed, n_estimators=1, warm_start=True)
    return _by_growing(model, 3, digits, epochs)


def _boosting(plan: Plan, digits: Digits, epochs: int) -> Epochs:
    model = GradientBoostingClassifier(
        learning_rate=plan.optimizer["learning_rate"],
        max_depth=plan.model["max_depth"],
        subsample=0.5,
        max_features="sqrt",
        random_state=plan.seed,
        n_estimators=1,
        warm_start=True,
    )
    return _by_growing(model, 1, digits, epochs)


def _by_passes(model: Any, plan: Plan, digits: Digits, epochs: int) -> Epochs:
    """An epoch is one pass over the images in a new order."""
    shuffler = np.random.default_rng(plan.seed)
    classes = np.unique(digits.train_labels)
    for _ in range(epochs):
        order = shuffler.permutation(len(digits.train))
        model.partial_fit(digits.train[order], digits.train_labels[order], classes=classes)
        yield model


def _by_growing(model: Any, trees: int, digits: Digits, epochs: int) -> Epochs:
    """An epoch is some more trees."""
    for epoch in range(1, epochs + 1):
        model.set_params(n_estimators=epoch * trees)
        model.fit(digits.train, digits.train_labels)
        yield model


_FAMILIES: dict[str, Callable[[Plan, Digits, int], Epochs]] = {
    "linear": _linear,
    "network": _network,
    "bayes": _bayes,
    "forest": _forest,
    "boosting": _boosting,
}


def plans() -> Iterator[Plan]:
    """All plans, mixed so that the first two dozen show every family; with a new seed once all were given."""
    for seed in itertools.count():
        mixed = list(_grid(seed))
        random.Random(seed).shuffle(mixed)
        yield from mixed


def _grid(seed: int) -> Iterator[Plan]:
    for layers, rate in itertools.product(([32], [64, 32], [128]), (0.001, 0.003, 0.01)):
        optimizer = {"kind": "adam", "learning_rate": rate, "batch_size": 64}
        yield Plan("network", {"hidden_layers": layers, "activation": "relu"}, optimizer, seed)
    for alpha, rate in itertools.product((0.0001, 0.001), (0.001, 0.01, 0.1)):
        yield Plan("linear", {"alpha": alpha}, {"schedule": "constant", "learning_rate": rate}, seed)
    for kind, depth in itertools.product(("random", "extra"), (4, 8, None)):
        yield Plan("forest", {"kind": kind, "max_depth": depth}, {}, seed)
    for depth, rate in ((2, 0.3), (4, 0.1)):
        yield Plan("boosting", {"max_depth": depth}, {"kind": "gradient", "learning_rate": rate}, seed)
    yield Plan("bayes", {"alpha": 0.5}, {}, seed)


class NativeRun:
    """A run, written through the native endpoint by nothing but the standard library."""

    def __init__(self, url: str, run_id: str) -> None:
        self._address = f"{url.rstrip('/')}/api/v1/ingest/runs/{run_id}"

    def log(self, *messages: Message) -> None:
        """Returns when the server has the messages on its disk. Tried again if the server is busy or away."""
        # The key makes a repeat harmless: the server may have had the messages although its answer was lost.
        headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
        request = urllib.request.Request(self._address, json.dumps(messages).encode(), headers)  # noqa: S310 - checked in main
        for attempt in range(_ATTEMPTS):
            try:
                with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - checked in main
                    rejected = json.load(answer)["rejected"]
            except urllib.error.HTTPError as error:
                if error.code != 503 or attempt + 1 == _ATTEMPTS:
                    raise RuntimeError(f"{error.code}: {error.read().decode()}") from error
            except urllib.error.URLError:
                if attempt + 1 == _ATTEMPTS:
                    raise
            else:
                if rejected:
                    raise RuntimeError(f"rejected: {rejected}")
                return
            time.sleep(0.2 * 2**attempt)


@dataclass(frozen=True)
class Result:
    run_id: str
    name: str
    val_accuracy: float


def train(plan: Plan, url: str, epochs: int) -> Result:
    """Train one classifier and log it while it learns."""
    digits = load()
    result = Result(uuid.uuid4().hex, plan.name, 0.0)
    run = NativeRun(url, result.run_id)
    run.log(*_beginning(plan, digits, epochs))
    started = time.time()
    for epoch, model in enumerate(_FAMILIES[plan.family](plan, digits, epochs)):
        train_loss, train_accuracy = _scores(model, digits.train, digits.train_labels)
        val_loss, val_accuracy = _scores(model, digits.val, digits.val_labels)
        run.log(
            _points(epoch, [train_loss, val_loss, train_accuracy, val_accuracy]),
            {"type": "log_metric", "name": "seconds", "value": time.time() - started, "step": epoch, "epoch": epoch},
        )
        result = Result(result.run_id, result.name, max(result.val_accuracy, val_accuracy))
    ending: list[Message] = [{"type": "log_hparams", "value": {"best": {"val_accuracy": result.val_accuracy}}}]
    if result.val_accuracy > 0.97:
        ending.append({"type": "add_tag", "tag_name": "good"})
    run.log(*ending, {"type": "finish_run"})
    return result


def _beginning(plan: Plan, digits: Digits, epochs: int) -> list[Message]:
    params = {
        "model": {"family": plan.family, **plan.model},
        "optimizer": plan.optimizer,
        "data": {"name": "digits", "train": len(digits.train), "val": len(digits.val)},
        "epochs": epochs,
        "seed": plan.seed,
    }
    return [
        {"type": "create_run"},
        {"type": "set_run_property", "name": plan.name, "experiment": EXPERIMENT},
        {"type": "log_hparams", "value": params},
        {"type": "add_tag", "tag_name": plan.family},
    ]


def _points(epoch: int, values: list[float]) -> Message:
    """One step of four series in the columnar form."""
    series = [
        {"name": name, "context": {"subset": subset}}
        for name, subset in itertools.product(("loss", "accuracy"), ("train", "val"))
    ]
    columns = {"series": [0, 1, 2, 3], "step": [epoch] * 4, "epoch": [epoch] * 4, "value": values}
    return {"type": "log_metrics", "series": series, "points": columns}


def _scores(model: Model, images: Floats, labels: Labels) -> tuple[float, float]:
    """Mean negative log likelihood, and the share of images that were named rightly."""
    likelihood = model.predict_proba(images)
    of_truth = np.clip(likelihood[np.arange(len(labels)), labels], 1e-9, 1.0)
    return float(-np.log(of_truth).mean()), float((likelihood.argmax(axis=1) == labels).mean())


def load() -> Digits:
    images, labels = load_digits(return_X_y=True)
    train_images, val_images, train_labels, val_labels = train_test_split(
        images / 16.0, labels, test_size=0.2, random_state=0, stratify=labels
    )
    return Digits(train_images, train_labels, val_images, val_labels)


def run_all(url: str, runs: int, processes: int, epochs: int) -> list[Result]:
    """The results, in the order in which they came; each is printed as it comes."""
    # A fresh interpreter for each worker, and one thread in each: many small models in parallel.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    results = []
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        waiting = [pool.submit(train, plan, url, epochs) for plan in itertools.islice(plans(), runs)]
        for number, done in enumerate(as_completed(waiting), 1):
            result = done.result()
            results.append(result)
            print(f"{number:3d}/{runs}  {result.val_accuracy:.3f}  {result.name}", flush=True)
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--url", default="http://127.0.0.1:53800", help="where the server listens (%(default)s)")
    parser.add_argument("--client", choices=("native",), default="native", help="how runs are written (%(default)s)")
    parser.add_argument("--runs", type=int, default=24, help="how many classifiers are trained (%(default)s)")
    parser.add_argument("--processes", type=int, default=min(4, os.cpu_count() or 1), help="at a time (%(default)s)")
    parser.add_argument("--epochs", type=int, default=25, help="of each classifier (%(default)s)")
    options = parser.parse_args()
    if not options.url.startswith(("http://", "https://")):
        parser.error("--url must begin with http:// or https://")
    if min(options.runs, options.processes, options.epochs) < 1:
        parser.error("--runs, --processes and --epochs must be positive")
    started = time.monotonic()
    results = run_all(options.url, options.runs, options.processes, options.epochs)
    best = max(results, key=lambda result: result.val_accuracy)
    print(
        f"{len(results)} runs in {time.monotonic() - started:.0f} s; the best: {best.name}, "
        f"accuracy {best.val_accuracy:.3f}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
