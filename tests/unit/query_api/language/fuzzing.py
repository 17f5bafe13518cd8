"""Random query texts, and what must hold of each: only refusals come out, nothing real is in reach, budgets hold."""

import datetime
import json
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from types import GeneratorType
from typing import Any, Final

from tests.unit.query_api.language.recorded import RecordedRun, environment, load

from query_api.language.compiled import compile_query
from query_api.language.errors import EVALUATION_ERRORS, QueryError
from query_api.language.interpreter.callables import Namespace, QueryFunction, QueryType
from query_api.language.interpreter.closures import compile_tree
from query_api.language.interpreter.frames import Frame
from query_api.language.objects import MetricsObject, RunInfo, RunObject, SequenceObject
from query_api.language.scope import QueryKind
from query_api.language.source import parse, read_source
from query_api.language.values import Null, Parameter, Undefined

RUNS, CASES = load()
SAMPLE = [next(run for run in RUNS if run.of_kind("images")), *RUNS[::13]]
KINDS: tuple[QueryKind, ...] = ("run", "metric", "images", "texts")
MOST_CPU_SECONDS: Final = 5.0
"""The budget is 2 s; one operation may overrun it, but not by much."""
MOST_MEMORY_BYTES: Final = 64 << 20
_MEMORY_LOOKED_AT: Final = 40
_TEXTS: Final[list[str]] = [case["q"] for case in CASES if case["q"].strip()]

_NAMES: Final = [
    "run", "run", "run", "metric", "images", "texts", "x", "v", "f", "nope", "math", "string", "datetime", "timedelta",
    "len", "sum", "max", "min", "sorted", "any", "all", "range", "str", "int", "float", "list", "tuple", "set",
    "frozenset", "repr", "hash", "isinstance", "issubclass", "callable", "slice", "complex", "round", "pow", "divmod",
    "reorder", "test", "same_type", "chr", "ord", "hex", "abs", "bool",
    "getattr", "type", "open", "vars", "dir", "globals", "eval", "exec", "__import__", "__builtins__", "object",
    "KeyError", "random", "id", "compile", "iter", "next", "zip", "map", "print",
]  # fmt: skip
_ATTRIBUTES: Final = [
    "name", "hash", "tags", "experiment", "hparams", "lr", "metrics", "context", "last", "created_at", "duration",
    "notes", "info", "layers", "optimizer", "nope", "get", "items", "keys", "values", "lower", "split", "join",
    "format", "format_map", "replace", "count", "index", "append", "pop", "sort", "copy", "encode", "real", "start",
    "stop", "mro", "year", "timestamp", "strftime", "now", "fromisoformat", "factorial", "pi", "Formatter", "digits",
    "view", "environment", "budget", "params", "repo", "db", "run", "value", "child", "call", "python_type", "members",
    "known", "stored_params", "sequences", "variables", "parent", "send", "throw", "close", "gi_frame", "f_globals",
    "f_back", "co_code", "__class__", "__dict__", "__globals__", "__init__", "__subclasses__", "__reduce__", "_params",
]  # fmt: skip
_LITERALS: Final = [
    "None", "True", "0", "1", "-1", "2", "3.5", "1e308", "10**6", "999", "2**9000", "'a'", "'%s'", "'%d'", "'{0.hash}'",
    "'loss'", "b'a'", "()", "[]", "{}", "[1, 2]", "('a', 'b')", "{'a': 1}", "{1, 2}", "...", "1j", "'__class__'", "''",
]  # fmt: skip
_BINARY: Final = ["+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "^", "@", "and", "or", "==", "!=", "<",
                  ">=", "in", "not in", "is", "is not"]  # fmt: skip
_TOKENS: Final = [
    *_NAMES, *_ATTRIBUTES, *_LITERALS, *_BINARY, ".", "(", ")", "[", "]", "{", "}", ",", ":", ":=", "=", "not", "if",
    "else", "for", "lambda", "*", "**", "f'{x}'", "f'{run.x:>9}'", "f'{x!r}'", "yield", "await", "async", "select",
    "\n", "#", "\\", ";", "\0", "\ud800", "import", "_",
]  # fmt: skip


def random_text(random: Random) -> str:
    return random.choice(_SOURCES)(random)


def _expression(random: Random) -> str:
    return _grown(random, random.randint(1, 5))


def _grown(random: Random, depth: int) -> str:
    """A text of the grammar, whatever it may mean."""
    if depth <= 0 or random.random() < 0.1:
        return random.choice([random.choice(_NAMES), random.choice(_LITERALS), f"run.{random.choice(_ATTRIBUTES)}"])

    def inner() -> str:
        return _grown(random, depth - random.randint(1, 2))

    shapes: list[Callable[[], str]] = [
        lambda: f"{inner()}.{random.choice(_ATTRIBUTES)}",
        lambda: f"{inner()}[{inner()}]",
        lambda: f"{inner()}[{inner()}:{inner()}]",
        lambda: f"{inner()}({inner()})",
        lambda: f"{random.choice(_NAMES)}({inner()}, {inner()})",
        lambda: f"({inner()}).{random.choice(_ATTRIBUTES)}({inner()})",
        lambda: f"({inner()} {random.choice(_BINARY)} {inner()})",
        lambda: f"({inner()} {random.choice(_BINARY)} {inner()})",
        lambda: f"({random.choice(['not ', '-', '+', '~'])}{inner()})",
        lambda: f"({inner()} if {inner()} else {inner()})",
        lambda: f"[{inner()}, {inner()}]",
        lambda: f"[{inner()} for v in {inner()} if {inner()}]",
        lambda: f"({inner()} for v in {inner()} for x in {inner()})",
        lambda: f"{{{inner()}: {inner()} for v in {inner()}}}",
        lambda: f"(lambda x, v=1: {inner()})",
        lambda: f"(lambda f: f(f))({inner()})",
        lambda: f"(f := {inner()})",
        lambda: f"f'{{{random.choice(_NAMES)}.{random.choice(_ATTRIBUTES)}}}'",
        lambda: f"[{inner()}] * {inner()}",
        lambda: f"[*{inner()}, {inner()}]",
        lambda: f"{{**{inner()}}}",
    ]
    shape: Callable[[], str] = random.choice(shapes)
    return shape()


def _tokens(random: Random) -> str:
    return random.choice([" ", "", " "]).join(random.choices(_TOKENS, k=random.randint(1, 20)))


def _mutated(random: Random) -> str:
    """A recorded query with a few places changed."""
    text = random.choice(_TEXTS)
    for _ in range(random.randint(1, 4)):
        start = random.randint(0, len(text))
        end = min(len(text), start + random.choice([0, 1, 1, 4, 12]))
        repeated, stranger = text[start:end] * random.randint(2, 30), chr(random.randrange(1 << 16))
        new = random.choice(["", random.choice(_TOKENS), repeated, stranger])
        text = text[:start] + new + text[end:]
    return text


def _spliced(random: Random) -> str:
    first, second = random.choice(_TEXTS), random.choice(_TEXTS)
    joined = first[: random.randint(0, len(first))] + second[random.randint(0, len(second)) :]
    around = random.choice(["@", "not (@)", "str(@)", "[@] * 999", "sorted([@, @])", "(lambda v: v)(@)"])
    return around.replace("@", joined)


def _noise(random: Random) -> str:
    return random.randbytes(random.randint(0, 80)).decode(random.choice(["latin-1", "utf-8", "utf-16"]), "replace")


_SOURCES: Final[list[Callable[[Random], str]]] = [
    _expression, _expression, _tokens, _mutated, _mutated, _spliced, _noise,
]  # fmt: skip


@dataclass
class Report:
    """texts: by what became of them. values: of evaluations, that were looked into."""

    texts: Counter[str] = field(default_factory=Counter)
    values: int = 0
    slowest_cpu_seconds: float = 0.0
    most_memory_bytes: int = 0

    @property
    def count(self) -> int:
        return self.texts.total()


def fuzz(random: Random, report: Report, texts: Iterable[str] | None = None, count: int = 1_000) -> None:
    """Raises AssertionError, or whatever came out that is no refusal."""
    given = [random_text(random) for _ in range(count)] if texts is None else list(texts)
    before = _stored()
    for text in given:
        with_memory = random.randrange(_MEMORY_LOOKED_AT) == 0
        if with_memory:
            tracemalloc.start()
        try:
            report.texts[_one(text, random.choice(KINDS), report)] += 1
            if with_memory:
                peak = tracemalloc.get_traced_memory()[1]
                report.most_memory_bytes = max(report.most_memory_bytes, peak)
                assert peak < MOST_MEMORY_BYTES, text
        finally:
            tracemalloc.stop()
    assert _stored() == before


def _one(text: str, kind: QueryKind, report: Report) -> str:
    env = environment(clock=time.thread_time)
    began = time.thread_time()
    outcome = "no match"
    try:
        query = compile_query(text, kind)
        query.plan(-240)
        for run in SAMPLE:
            query.run_may_match(run, env)
            for sequence in run.of_kind(kind)[:3]:
                outcome = "match" if query.matches_sequence(run, sequence, env) else outcome
            if kind == "run":
                outcome = "match" if query.matches_run(run, env) else outcome
        _look_into(text, kind, report)
    except QueryError as error:
        outcome = error.code
    spent = time.thread_time() - began
    report.slowest_cpu_seconds = max(report.slowest_cpu_seconds, spent)
    assert spent < MOST_CPU_SECONDS, text
    return outcome


def _look_into(text: str, kind: QueryKind, report: Report) -> None:
    """What the query evaluates to must be plain, through and through."""
    source = read_source(text)
    if not source.text:
        return
    evaluate = compile_tree(parse(source), kind)
    env = environment(clock=time.thread_time)
    run = RunObject(SAMPLE[0], env)
    found = SAMPLE[0].of_kind(kind)
    frame = Frame(run, SequenceObject(run, found[0]) if found else None, env.budget)
    env.budget.begin_item()
    try:
        value = evaluate(frame)
    except EVALUATION_ERRORS:
        return
    report.values += 1
    strangers = _strangers([value, *frame.variables.values()])
    assert not strangers, f"{text!r} reaches {strangers}"


_PLAIN: Final = frozenset({
    type(None), bool, int, float, complex, str, bytes, range, slice, type(...), GeneratorType, datetime.datetime,
    datetime.date, datetime.time, datetime.timedelta, Null, Undefined, RunObject, SequenceObject, MetricsObject,
    RunInfo, QueryFunction, QueryType, Namespace,
})  # fmt: skip
_HOLDERS: Final[tuple[type, ...]] = (
    list,
    tuple,
    set,
    frozenset,
    dict,
    type({}.keys()),
    type({}.values()),
    type({}.items()),
)


def _strangers(values: list[Any]) -> list[Any]:
    """Kinds of the values that are none of the language, whose own give nothing away but by its rules."""
    pending, found, seen = values, [], 0
    while pending and seen < 20_000:
        value = pending.pop()
        seen += 1
        if isinstance(value, Parameter):
            pending.append(value.value)
        elif type(value) in _HOLDERS:
            pending.extend(value)
            pending.extend(value.values() if isinstance(value, dict) else ())
        elif type(value) not in _PLAIN:
            found.append(type(value))
    return found


def _stored() -> list[str]:
    return [json.dumps([run.stored_params, list(run.tags), [one.context for one in run.sequences]]) for run in SAMPLE]


def assert_run_is_out_of_reach(run: RecordedRun) -> None:
    """The real object behind `run` has names of its own, and none of them can be read."""
    for name in (*vars(run), *dir(run)):
        for text in (f"run.{name}", f"run.info.{name}", f"run.metrics.{name}", f"run.run.{name}", f"run.view.{name}"):
            try:
                query = compile_query(text, "run")
            except QueryError:
                continue
            env = environment()
            frame = Frame(RunObject(run, env), None, env.budget)
            env.budget.begin_item()
            try:
                value = compile_tree(parse(read_source(text)), "run")(frame)
            except (*EVALUATION_ERRORS, QueryError):
                continue
            assert not _strangers([value]), text
            assert query.kind == "run"
