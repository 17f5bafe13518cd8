"""Trains classifiers on scikit-learn's handwritten digits and logs every one of them as a run of Tallybook.

    python examples/train_digits.py --url http://127.0.0.1:53800 --runs 24 --processes 2
    python examples/train_digits.py --client matyan        # the same by matyan-client, which must be installed

Each run is trained in a process of its own choosing, as on a real machine: the server sees several writers at once.
"""

import argparse
import itertools
import json
import os
import random
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pictures import png_of
from run_writers import WRITERS, RunWriter
from sklearn.datasets import load_digits
from sklearn.ensemble import ExtraTreesClassifier, GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import MultinomialNB
from sklearn.neural_network import MLPClassifier

EXPERIMENT = "handwritten digits"
_SHOWN = ("hidden_layers", "max_depth", "alpha", "learning_rate")
"""Parameters that tell runs of one family apart."""

_LEARNED = ("coefs_", "coef_", "feature_log_prob_", "feature_importances_")
"""Where classifiers keep what they learned; each has one of them."""
_BINS = 32
_MISTAKES = 12
_PIXEL = 8
"""Images are 8 by 8; people see more of them when each pixel is a square of so many."""

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


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


@dataclass(frozen=True)
class Result:
    run_id: str
    name: str
    val_accuracy: float


def train(plan: Plan, url: str, epochs: int, client: str) -> Result:
    """Train one classifier and log it while it learns."""
    digits = load()
    result = Result(uuid.uuid4().hex, plan.name, 0.0)
    run = WRITERS[client](url, result.run_id)
    run.begin(plan.name, EXPERIMENT, _params(plan, digits, epochs), plan.family)
    started = time.time()
    model: Model | None = None
    for epoch, model in enumerate(_FAMILIES[plan.family](plan, digits, epochs)):
        train_loss, train_accuracy = _scores(model, digits.train, digits.train_labels)
        val_loss, val_accuracy = _scores(model, digits.val, digits.val_labels)
        run.line(f"epoch {epoch}: loss {val_loss:.4f}, accuracy {val_accuracy:.4f}")
        _log_weights(run, epoch, model)
        scores = {
            ("loss", "train"): train_loss,
            ("loss", "val"): val_loss,
            ("accuracy", "train"): train_accuracy,
            ("accuracy", "val"): val_accuracy,
        }
        run.scores(epoch, scores, time.time() - started)
        result = Result(result.run_id, result.name, max(result.val_accuracy, val_accuracy))
    if model is not None:
        _log_mistakes(run, model, digits)
        _log_answers(run, model, digits, epochs - 1)
    good = ["good"] if result.val_accuracy > 0.97 else []
    run.finish({"best": {"val_accuracy": result.val_accuracy}}, good)
    return result


def _params(plan: Plan, digits: Digits, epochs: int) -> dict[str, Any]:
    return {
        "model": {"family": plan.family, **plan.model},
        "optimizer": plan.optimizer,
        "data": {"name": "digits", "train": len(digits.train), "val": len(digits.val)},
        "epochs": epochs,
        "seed": plan.seed,
    }


def _log_weights(run: RunWriter, epoch: int, model: Model) -> None:
    """How what was learned is spread: weights of nets and lines, likelihoods of pixels, importance of pixels."""
    found = next((getattr(model, name) for name in _LEARNED if hasattr(model, name)), None)
    parts = found if isinstance(found, list) else [found]
    weights = np.concatenate([np.ravel(part) for part in parts if part is not None])
    counts, edges = np.histogram(weights, bins=_BINS)
    run.histogram("weights", epoch, counts.tolist(), float(edges[0]), float(edges[-1]))


def _log_mistakes(run: RunWriter, model: Model, digits: Digits) -> None:
    """The images that the model is most sure about and wrong, each with what it took them for."""
    likelihood = model.predict_proba(digits.val)
    named = likelihood.argmax(axis=1)
    wrong = np.flatnonzero(named != digits.val_labels)
    surest = wrong[np.argsort(-likelihood[wrong, named[wrong]])][:_MISTAKES]
    for step, index in enumerate(surest.tolist()):
        says = f"a {digits.val_labels[index]} taken for a {named[index]} ({likelihood[index, named[index]]:.0%} sure)"
        run.picture("mistakes", step, png_of(digits.val[index].reshape(8, 8), _PIXEL), says)
        run.text("mistakes in words", step, says)


def _log_answers(run: RunWriter, model: Model, digits: Digits, step: int) -> None:
    """Which digit was taken for which: as a figure, and every answer in a file."""
    likelihood = model.predict_proba(digits.val)
    named = likelihood.argmax(axis=1)
    counts = np.zeros((10, 10), np.int64)
    np.add.at(counts, (digits.val_labels, named), 1)
    figure = {
        "data": [{"type": "heatmap", "z": counts.tolist(), "x": list(range(10)), "y": list(range(10))}],
        "layout": {"title": {"text": "digits (down) and what they were taken for (across)"}},
    }
    run.figure("confusion", step, figure)
    rows = [
        f"{truth},{said},{sure:.4f}"
        for truth, said, sure in zip(digits.val_labels.tolist(), named.tolist(), likelihood.max(axis=1), strict=True)
    ]
    run.file("answers/val.csv", "\n".join(["digit,answer,likelihood", *rows, ""]).encode())
    run.file("confusion.json", json.dumps(counts.tolist()).encode())


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


def run_all(url: str, runs: int, processes: int, epochs: int, client: str) -> list[Result]:
    """The results, in the order in which they came; each is printed as it comes."""
    # A fresh interpreter for each worker, and one thread in each: many small models in parallel.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    results = []
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        waiting = [pool.submit(train, plan, url, epochs, client) for plan in itertools.islice(plans(), runs)]
        for number, done in enumerate(as_completed(waiting), 1):
            result = done.result()
            results.append(result)
            print(f"{number:3d}/{runs}  {result.val_accuracy:.3f}  {result.name}", flush=True)
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--url", default="http://127.0.0.1:53800", help="where the server listens (%(default)s)")
    parser.add_argument("--client", choices=sorted(WRITERS), default="native", help="what writes runs (%(default)s)")
    parser.add_argument("--runs", type=int, default=24, help="how many classifiers are trained (%(default)s)")
    parser.add_argument("--processes", type=int, default=min(4, os.cpu_count() or 1), help="at a time (%(default)s)")
    parser.add_argument("--epochs", type=int, default=25, help="of each classifier (%(default)s)")
    options = parser.parse_args()
    if not options.url.startswith(("http://", "https://")):
        parser.error("--url must begin with http:// or https://")
    if min(options.runs, options.processes, options.epochs) < 1:
        parser.error("--runs, --processes and --epochs must be positive")
    started = time.monotonic()
    results = run_all(options.url, options.runs, options.processes, options.epochs, options.client)
    best = max(results, key=lambda result: result.val_accuracy)
    print(
        f"{len(results)} runs in {time.monotonic() - started:.0f} s; the best: {best.name}, "
        f"accuracy {best.val_accuracy:.3f}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
