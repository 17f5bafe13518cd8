"""Whatever Python does in one call is paid for by the size of what it looks at, so that budgets and turns hold."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.unit.query_api.language.recorded import NOW, RecordedRun, environment

from query_api.language.compiled import compile_query
from query_api.language.errors import EvaluationPutOff, QueryBudgetExceeded
from query_api.language.interpreter.distinct import MOST_ALIKE
from query_api.language.interpreter.functions import FUNCTIONS, TYPES
from query_api.language.interpreter.methods import GUARDED_TEXT_METHODS, METHODS, free
from query_api.language.interpreter.modules import MATH

MODULUS = 2**61 - 1
"""Whole numbers that differ by it hash alike."""
TEXT = "ab\t" * 20_000
ITEMS = 60_000
STORED: dict[str, Any] = {
    "text": TEXT,
    "texts": [TEXT] * 4,
    "numbers": [float(number) for number in range(ITEMS)],
    "same": [float(number) for number in range(ITEMS)],
    "lists": [[float(number) for number in range(ITEMS)]],
    "words": [f"word {number}" for number in range(ITEMS)],
    "nested": [[float(number)] * 10 for number in range(1_000)],
    "same_nested": [[float(number)] * 10 for number in range(1_000)],
    "table": {f"key {number}": number for number in range(ITEMS)},
    "small": {"text": "ab", "numbers": [1.0, 2.0], "table": {"key": 1}},
}
RUN = RecordedRun(
    hash="aa", name=TEXT, description=TEXT, experiment=None, tags=["a", "b"], archived=False, active=True,
    creation_time=NOW, end_time=None, stored_params=STORED,
)  # fmt: skip


def steps_of(text: str, **budget: Any) -> int:
    """How many steps at once suffice for a query over RUN, to some parts of a hundred."""
    query = compile_query(text, "run")
    low, high = 0, 100_000
    while high - low > 1 + low // 20:
        middle = (low + high) // 2
        env = environment(**budget)
        env.budget.allow_at_once(middle)
        try:
            query.matches_run(RUN, env)
        except EvaluationPutOff:
            low = middle
        else:
            high = middle
    return high


def at_least(text: str, steps: int, **budget: Any) -> bool:
    """Whether a query over RUN needs as many steps."""
    env = environment(**budget)
    env.budget.allow_at_once(steps - 1)
    try:
        compile_query(text, "run").matches_run(RUN, env)
    except EvaluationPutOff:
        return True
    return False


_ARGUMENTS = {
    # Of methods that look at their argument alone.
    "endswith": "tuple(run.words[:9000])", "startswith": "tuple(run.words[:9000])", "removeprefix": "run.text",
    "removesuffix": "run.text",
    "center": "9", "ljust": "9", "rjust": "9", "zfill": "9", "replace": "'zz', 'y'", "join": "['', '']",
    "count": "'zz'", "find": "'zz'", "index": "'a'", "partition": "'zz'", "rfind": "'zz'", "rindex": "'a'",
    "rpartition": "'zz'", "expandtabs": "1",
}  # fmt: skip
_TAKES_NO_LONGER = {
    str: {"isascii"},
    dict: {"items", "keys", "values"},
}
"""Methods of a constant cost, however large the value."""


@pytest.mark.parametrize("name", sorted({*METHODS[str], *GUARDED_TEXT_METHODS} - _TAKES_NO_LONGER[str]))
def test_every_method_of_a_text_is_paid_for(name: str) -> None:
    arguments = _ARGUMENTS.get(name, "")
    small = arguments.replace("run.", "run.small.").replace("words[:9000]", "numbers")
    assert at_least(
        f"run.text.{name}({arguments}) or True", 150 if name not in ("removeprefix", "removesuffix") else 14
    )
    assert not at_least(f"run.small.text.{name}({small}) or True", 14)
    assert at_least(f"str.{name}(run.text, {arguments or ''}) or True", 14)


def test_only_methods_that_take_no_longer_for_a_large_value_are_free() -> None:
    holders = {str, list, tuple, range, dict}
    given = {kind: {name for name, cost in METHODS[kind].items() if cost is free} for kind in holders}
    assert given == {kind: _TAKES_NO_LONGER.get(kind, set()) for kind in holders}
    # Sets are told below; of the other kinds no value is large.
    assert METHODS.keys() - holders >= {set, frozenset, int, float}


@pytest.mark.parametrize("name", sorted(METHODS[set]))
@pytest.mark.parametrize("kind", ["set", "frozenset"])
def test_every_method_of_a_set_is_paid_for_by_both_sides(kind: str, name: str) -> None:
    made = f"(s := {kind}(range(900)), n := {kind}([1]))"
    base = steps_of(made)
    assert steps_of(f"({made}, s.{name}(n))") >= base + 100
    assert steps_of(f"({made}, n.{name}(s))") >= base + 100
    assert steps_of(f"({made}, n.{name}(range(900)))") >= base + 800


@pytest.mark.parametrize("name", sorted(METHODS[list]))
def test_every_method_of_a_list_is_paid_for(name: str) -> None:
    assert METHODS[list] == METHODS[tuple] == METHODS[range]
    assert at_least(f"any(v.{name}(-1) for v in run.lists)", 1_800)
    assert at_least(f"range(999).{name}(0.5) or True", 30)


def test_a_dict_is_paid_for_by_its_key() -> None:
    assert at_least("{}.get(tuple(run.numbers[:5000]))", 10_000)
    assert not at_least("{}.get('a')", 10)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("-1 in run.numbers", 1_800),
        ("'nope' not in run.words", 1_800),
        ("run.numbers[:1] in run.nested", 1_000),
        ("'zz' in run.text", 230),
        ("'zz' in run.name", 230),
        ("'zz' in run.notes or 'zz' in run.description", 230),
        ("0.5 in range(999)", 30),
        ("-1 in [" + "2, " * 20_000 + "]", 600),
        ("any(-1 in v for v in [{}.values(), list(range(900))])", 20),
        ("3 in [run.small for n in range(900)]", 1_800),
        ("run.numbers == run.same", 1_800),
        ("run.numbers < run.same", 1_800),
        ("run.nested != run.same_nested", 1_000),
        ("run.table == run.table", 3_600),
        ("run.name == run.text", 10),
        ("any(True for v in [run.same] if v in (w for w in [run.numbers]))", 1_800),
        ("sorted(run.nested)", 10_000),
        ("max(run.nested)", 2_000),
        ("min([1, 2], key=lambda n: run.nested)", 2_000),
        ("sorted([2, 1], key=lambda n: run.nested)", 4_000),
        ("str(run.numbers)", 15_000),
        ("repr(run.nested)", 3_000),
        ("f'{run.nested}'", 3_000),
        ("f'{run.nested!r:>9}'", 3_000),
        ("'%s' % (run.nested,)", 3_000),
        ("(run.text + '%s') % 1", 3_000),
        ("f'{1:{run.text}}'", 3_000),
        ("run.text[1:]", 230),
        ("run.numbers[1:]", 230),
        ("isinstance(1, (int,) * 5000)", 5_000),
        ("hash(tuple(run.numbers[:5000])) or True", 10_000),
        ("run[(0,) * 5000]", 5_000),
        ("run.metrics['loss', {'k': 1}].last", 16),
        ("run.tags and run.tags and run.tags", 6),
        ("(m := 3 ** 5000, m * m, m // 3 ** 4000)", 500),
        ("(m := 3 ** 5000, m % 3 ** 4000, m / 3 ** 4000, divmod(m, 3), round(m, -9))", 800),
        ("str(3 ** 5000)", 250),
        ("pow(3 ** 8000, -1, 7 ** 5000)", 10_000),
        ("[[1] * 900] * 2", 400),
        ("(s := {n for n in range(900)}, s | s)", 900 + 1_000),
        ("(s := {n for n in range(900)}, s == {*s})", 900 + 900),
        ("(d := {n: n for n in range(900)}, d | d, d.keys() & d, {**d})", 900 * 3),
        ("float('1' * 60000)", 3_000),
        ("string.capwords(run.text)", 3_000),
        ("reorder(list(range(900))) and reorder([1])", 900),
    ],
)
def test_functions_and_operators_are_paid_for(text: str, steps: int) -> None:
    assert at_least(text, steps, bytes_per_item=1 << 30)


@pytest.mark.parametrize("name", sorted(name for name, value in MATH.members.items() if hasattr(value, "call")))
def test_every_function_of_math_is_paid_for(name: str) -> None:
    single = ["run.numbers", "run.numbers, run.numbers", f"10 ** 4000, {10**9}", "10 ** 4000", "999", "999, 500"]
    assert any(at_least(f"math.{name}({arguments}) or True", 100) for arguments in single)


@pytest.mark.parametrize(
    "name",
    sorted({*FUNCTIONS, *TYPES} - {"bool", "callable", "len", "range", "same_type", "slice", "test", "issubclass"}),
)
def test_every_function_but_those_that_ask_a_size_or_a_kind_is_paid_for(name: str) -> None:
    given = [
        "run.numbers", "run.text", "10 ** 4000", "10 ** 4000, 3", "10 ** 4000, 10 ** 900", "tuple(run.numbers[:900])",
        "1, (int,) * 200",
    ]  # fmt: skip
    assert any(at_least(f"{name}({arguments}) or True", 100, bytes_per_item=1 << 30) for arguments in given)


@pytest.mark.parametrize(
    "text",
    [
        "'foo' in run.small.text",
        "run.hparams.lr > 0.1 and 'x' in run.tags",
        "run.small.text.startswith('a') and run.small.text.lower() == 'ab'",
        "run.small.numbers == [1.0, 2.0] and run.small.table == {'key': 1}",
        "len(run.numbers) > 9 and len(run.name) and bool(run.text) and run.table['key 9'] == 9 and run.numbers[-1]",
        "run.text.startswith('ab') and run.numbers == [] and run.numbers == 1.0 and run.name != 'a'",
        "run.hash in [" + "'a', " * 9_000 + "] or run.small.text in [" + "'a', " * 3_000 + "]",
    ],
)
def test_what_looks_at_little_costs_little(text: str) -> None:
    assert not at_least(text, 12)


COLLIDING = f"(M := {MODULUS}, L := [n * M for n in range(900)], "
TUPLES = f"(L := [(a, b, c, d, e, f) for {' for '.join(f'{name} in (-1, -2)' for name in 'abcdef')}], "


@pytest.mark.parametrize("made", [COLLIDING, TUPLES], ids=["numbers", "tuples"])
@pytest.mark.parametrize(
    "operation",
    [
        "set(L)", "frozenset(L)", "{n for n in L}", "{n: 1 for n in L}", "{*L}", "set().union(L)", "set().union([], L)",
        "{1}.difference(L)", "{1}.intersection(L)", "{1}.isdisjoint(L)", "{1}.issubset(L)", "{1}.issuperset(L)",
        "{1}.symmetric_difference(L)", "{1: 2}.keys() | L", "L | {1: 2}.keys()", "{1: 2}.keys() & L",
        "{1: 2}.keys() ^ L", "{1: 2}.keys() - L", "L - {1: 2}.keys()", "{1: 2}.items() | L", "reorder(L)",
        "set(L[:30]) | set(L[30:60])", "set(L[:30]) ^ set(L[30:60])", "set(L[:30]).union(set(L[30:60]))",
        "set(L[:30]).symmetric_difference(set(L[30:60]))", "{n: 1 for n in L[:30]} | {n: 1 for n in L[30:60]}",
        "{**{n: 1 for n in L[:30]}, **{n: 1 for n in L[30:60]}}",
        "{" + ", ".join(f"L[{place}]" for place in range(60)) + "}",
        "{" + ", ".join(f"L[{place}]: 1" for place in range(60)) + "}",
    ],
)  # fmt: skip
def test_few_keys_of_one_container_hash_alike(made: str, operation: str) -> None:
    with pytest.raises(QueryBudgetExceeded, match="hash alike"):
        compile_query(made + operation + ")", "run").matches_run(RUN, environment())


def test_some_keys_may_hash_alike() -> None:
    for some in (
        f"[n * {MODULUS} for n in range(16)]",
        "[(a, b, c) for a in (-1, -2) for b in (-1, -2) for c in (-1, -2)]",
    ):
        text = f"(L := {some}) and len(set(L)) == len({{n: 1 for n in L}}) == len(L) and set(L) | set(L) == {{*L}}"
        assert compile_query(text, "run").matches_run(RUN, environment())


def test_equal_keys_are_one_key() -> None:
    assert compile_query("len(set([1, 1.0, True] * 900)) == 1 and len({-1, -2}) == 2", "run").matches_run(
        RUN, environment()
    )


def test_the_clock_is_seen_while_a_set_is_made() -> None:
    ticks: Iterator[int] = iter(range(1_000_000))
    env = environment(clock=lambda: float(next(ticks)), cpu_seconds=4.0)
    with pytest.raises(QueryBudgetExceeded, match="seconds"):
        compile_query("set().union(run.numbers)", "run").matches_run(RUN, env)
    # A reading of the clock for each 32 items at most, and no more than five fit in.
    assert next(ticks) <= 8


def test_a_set_takes_a_step_for_each_item() -> None:
    assert MOST_ALIKE < 100
    assert at_least("set().union(run.numbers)", ITEMS)
    assert at_least("set().union(range(900), range(900))", 1_800)


def test_an_item_is_put_off_by_the_clock_until_all_its_steps_are_allowed() -> None:
    now = iter(range(1_000_000))
    query = compile_query("all(n >= 0 for n in range(900))", "run")
    env = environment(clock=lambda: float(next(now)), cpu_seconds=1e9)
    env.budget.allow_at_once(10_000, 5.0)
    with pytest.raises(EvaluationPutOff):
        query.matches_run(RUN, env)
    env.budget.allow_at_once(100_000, 5.0)
    assert query.matches_run(RUN, env)
