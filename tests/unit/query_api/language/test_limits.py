from collections.abc import Iterator

import pytest
from tests.unit.query_api.language.recorded import environment, load

from query_api.language.compiled import compile_query
from query_api.language.errors import QueryBudgetExceeded, QueryRejected, QuerySyntaxError

RUN = load()[0][-1]


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9",
        "1 << 10**9",
        "(2**9000) * (2**9000)",
        "'a' * 10**12",
        "10**12 * [0]",
        "b'a' * 10**9",
        "'%1000000000d' % 1",
        "f'{1:1000000000}'",
        "'%(a(b)c)999999999d' % {'a(b)c': 1}",
        "('a' * 400000).rfind('b' + 'a' * 200000)",
        "('a' * 400000).strip('b' * 200000 + 'a')",
        "'a'.ljust(10**9)",
        "'a'.zfill(10**9)",
        "('a' * 1000).replace('', 'b' * 10**5)",
        "('a' * 10**5).join(['b'] * 10**4)",
        "'\t'.expandtabs(10**9)",
        "math.factorial(10**7)",
        "math.comb(10**6, 5 * 10**5)",
        "math.prod(math.factorial(900) for n in range(9))",
        "round(5, -10**9)",
        "sum([[1] * 1000] * 1000, [])",
        "[x for x in range(999) for y in range(999)]",
        "any(x * y < 0 for x in range(999) for y in range(999))",
        "sorted(x for x in range(999) for y in range(999))",
        "(lambda f: f(f))(lambda f: f(f))",
        "(f := lambda n: f(n - 1) + f(n - 1) if n else 1)(20)",
        # Shared parts: each assignment doubles what a deep comparison would visit.
        "(" + ", ".join(["a0 := [1, 1]", *(f"a{n} := [a{n - 1}, a{n - 1}]" for n in range(1, 40))]) + ")",
    ],
)
def test_an_operation_that_costs_too_much_is_refused_before_it_runs(text: str) -> None:
    with pytest.raises(QueryBudgetExceeded):
        compile_query(text, "run").matches_run(RUN, environment())


@pytest.mark.parametrize(
    "text",
    [
        "run._x",
        "__import__",
        "f(_x=1)",
        "(lambda _x: 1)(2)",
        "exec",
        "eval('1')",
        "run.f_globals",
        "(x for x in []).gi_frame",
        "random.random()",
        "id(run)",
        "KeyError",
        "(lambda *a: 1)()",
        "[1 for run.x in [2]]",
        "run.x == " + "1" * 64 * 1024,
        "not " * 70 + "True",
        "+".join(["1"] * 3000),
        "run" + ".a" * 3000,
        "-" * 30_000 + "1",
        "[" + "run.x, " * 2000 + "]",
        "0x1" + "0" * 5000,
    ],
)
def test_what_is_forbidden_or_too_large_is_rejected_when_compiled(text: str) -> None:
    with pytest.raises(QueryRejected) as caught:
        compile_query(text, "run")
    assert caught.value.code == "query_rejected"
    assert len(caught.value.message) > 10


@pytest.mark.parametrize(
    "text",
    ["[].append(1)", "run.tags.append('x')", "'a'.encode()", "datetime.now().astimezone()", "string.Formatter()"],
)
def test_a_method_that_exists_but_is_not_offered_is_named(text: str) -> None:
    with pytest.raises(QueryRejected, match="not supported"):
        compile_query(text, "run").matches_run(RUN, environment())


@pytest.mark.parametrize("text", ["'{}'.format(run)", "'{a}'.format_map({})", "str.format('{0}', run)", "run.tags(1)"])
def test_formatting_by_method_does_not_match(text: str) -> None:
    assert not compile_query(text, "run").matches_run(RUN, environment())


def test_a_selection_of_two_thousand_runs_is_one_part() -> None:
    hashes = [f"{number:024x}" for number in range(2300)]
    query = compile_query(f"run.hash in {[*hashes, RUN.hash]!r}", "run")
    assert query.matches_run(RUN, environment())
    assert query.plan(0).exact


def test_forty_levels_of_nesting_are_fine() -> None:
    assert compile_query("(" * 190 + "not " * 40 + "True" + ")" * 190, "run").matches_run(RUN, environment())


def ticking(step: float) -> Iterator[float]:
    now = 0.0
    while True:
        yield now
        now += step


def test_the_time_of_a_request_is_shared_by_its_items() -> None:
    ticks = ticking(0.3)
    env = environment(clock=lambda: next(ticks), cpu_seconds=2.0)
    query = compile_query("run.x == 1", "run")
    for _ in range(7):
        query.matches_run(RUN, env)
    with pytest.raises(QueryBudgetExceeded, match="2 seconds"):
        query.matches_run(RUN, env)


def test_a_loop_notices_that_time_is_up() -> None:
    ticks = ticking(1.5)
    with pytest.raises(QueryBudgetExceeded, match="seconds"):
        compile_query("any(x < 0 for x in range(900))", "run").matches_run(RUN, environment(clock=lambda: next(ticks)))


def test_waiting_between_items_costs_nothing() -> None:
    now = [0.0]
    env = environment(clock=lambda: now[0])
    query = compile_query("True", "run")
    for _ in range(10):
        now[0] += 1000.0
        assert query.matches_run(RUN, env)
    assert env.budget.spent_seconds == 0.0


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("*a", "starred assignment target must be in a list or tuple"),
        ("(*a, *b)", "multiple starred expressions in assignment"),
        ("(a, [*b, *c])", "multiple starred expressions in assignment"),
    ],
)
def test_a_loop_takes_one_rest_of_a_tuple(target: str, reason: str) -> None:
    """Python's parser lets more through; its compiler does not."""
    with pytest.raises(QuerySyntaxError, match=reason):
        compile_query(f"[1 for {target} in [1]]", "run")
    assert compile_query("[1 for (*a, (*b, c)) in [(1, (2, 3))]] == [1]", "run").matches_run(RUN, environment())


def test_an_error_is_cached_but_raised_anew() -> None:
    raised = []
    for _ in range(2):
        with pytest.raises(QuerySyntaxError) as caught:
            compile_query("run.x ==", "run")
        raised.append(caught.value)
    assert raised[0] is not raised[1]
    assert raised[0].detail == raised[1].detail


def test_a_query_is_compiled_once() -> None:
    assert compile_query(" run.x == 1 ", "run") is compile_query("run.x == 1", "run")
    assert compile_query("run.x == 1", "run") is not compile_query("run.x == 1", "metric")
