"""Random expressions of every kind that people write, and random runs for which they mean something."""

from typing import Any

from hypothesis import strategies as st
from tests.unit.query_api.language.recorded import NOW, RecordedRun, RecordedSequence

_KEYS = ("lr", "opt", "layers", "nested", "flag", "none", "text")
_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 70),
    st.sampled_from([0.1, 1.0, -0.5, 64.0, float("nan"), float("inf"), 10**20]),
    st.sampled_from(["", "a", "adam", "Adam", "1", "höhe", "a b"]),
)
_values = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from([*_KEYS, "a.b"]), inner, max_size=3)
    ),
    max_leaves=6,
)
_params: st.SearchStrategy[dict[str, Any]] = st.dictionaries(st.sampled_from(_KEYS), _values, max_size=6)
_contexts = st.sampled_from([{}, {"subset": "val"}, {"subset": "train", "fold": 1}])


def _sequence(name: str, context: dict[str, Any], last: Any, last_step: int) -> RecordedSequence:
    return RecordedSequence("metric", name, context, last, last_step, 0, type(last).__name__)


SEQUENCES = st.builds(
    _sequence,
    st.sampled_from(["loss", "acc", "adam"]),
    _contexts,
    st.sampled_from([0.1, 1, 2.5, float("nan"), float("inf")]),
    st.integers(0, 70),
)


def _run(
    hash: str, name: str, experiment: str | None, tags: list[str], flags: int, created: float, params: Any, found: Any
) -> RecordedRun:
    active = bool(flags & 2)
    known = {(one.name, str(one.context)): one for one in found}
    return RecordedRun(
        hash, name, None if flags & 4 else "about a", experiment, tags, bool(flags & 1), active, created,
        None if active else created + 10.5, params, list(known.values()),
    )  # fmt: skip


RUNS = st.builds(
    _run,
    st.sampled_from(["a", "b", "adam"]),
    st.sampled_from(["", "a", "adam", "two words"]),
    st.sampled_from([None, "a", "baseline"]),
    st.lists(st.sampled_from(["a", "prod", "v1"]), unique=True, max_size=3),
    st.integers(0, 7),
    st.sampled_from([NOW - 100.25, 1710028800.0, 1710028799.999999, 1710115200.0]),
    _params,
    st.lists(SEQUENCES, max_size=3),
)

_literals = st.sampled_from([
    "None", "True", "False", "0", "1", "-1", "2", "64", "0.1", "1e400", "'a'", "'adam'", "''", "'1'", "'lr'", "[]",
    "[1, 'a', None]", "('a', 'adam')", "{'a', 1}", "()", "{'a': 1}", "datetime(2024, 3, 10)",
    "datetime(year=2024, month=3, day=11)", "timedelta(hours=1)", "datetime(2024, 13, 1)",
])  # fmt: skip
_PROPERTIES = st.sampled_from([
    "hash", "name", "description", "experiment", "tags", "archived", "active", "created_at", "finalized_at",
    "creation_time", "end_time", "duration",
])  # fmt: skip
_PATHS = st.sampled_from([
    "nested.lr", "nested.layers", "nested.none", "layers[0]", "layers[-1]", "layers[0:2]", "gone", "gone.deep",
    "nested['a.b']", "text[0]", "nested['lr', 'opt']", "metrics['loss'].last",
    "metrics['loss', {'subset': 'val'}].last", "metrics['gone'].last_step", "metrics['acc']",
])  # fmt: skip
_run_values = st.one_of(
    st.one_of(_PROPERTIES, st.sampled_from(_KEYS), _PATHS).map("run.{}".format),
    st.sampled_from(["run['lr']", "run['nested', 'lr']", "run['name']", "run"]),
)
_METRIC_VALUES = st.sampled_from([
    "metric.name", "metric.name", "metric.last", "metric.last_step", "metric.first_step", "metric.context",
    "metric.context.subset", "metric.context['fold']", "metric.context.gone", "metric.run", "metric.dtype",
])  # fmt: skip
_comparisons = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", "not in"])
_arithmetic = st.sampled_from(["+", "-", "*", "/", "//", "%"])
_methods = st.sampled_from(
    [".lower()", ".startswith('a')", ".endswith('m')", ".find('d') > 0", ".split() == ['two', 'words']", ".count('a')"]
)
_calls = st.sampled_from([
    "len({})", "str({})", "bool({})", "int({})", "float({})", "abs({})", "sorted({})", "sum({})", "min({})", "max({})",
    "any({})", "all({})", "list({})", "set({})", "isinstance({}, str)", "isinstance({}, (int, float))",
    "math.sqrt({})", "math.isnan({})", "f'{{{}}}'", "'%s' % ({},)", "-{}",
])  # fmt: skip


def _texts(leaves: st.SearchStrategy[str], atoms: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.builds("({} and {})".format, inner, inner),
            st.builds("({} or {})".format, inner, inner),
            st.builds("(not {})".format, inner),
            st.builds("({} if {} else {})".format, inner, inner, inner),
            st.builds("({} {} {})".format, inner, _comparisons, inner),
            st.builds("({} {} {} {} {})".format, inner, _comparisons, inner, _comparisons, inner),
            st.builds("({} {} {})".format, inner, _arithmetic, leaves),
            st.builds("({} is {}None)".format, inner, st.sampled_from(["", "not "])),
            st.builds("any({} == v for v in {})".format, leaves, inner),
            st.builds("all([v {} {} for v in {} if v])".format, _comparisons, leaves, inner),
            st.builds("{{v: {} for v in {}}}".format, leaves, inner),
            st.builds("(lambda v, w=1: v {} w)({})".format, _comparisons, inner),
            st.builds("((v := {}) == {} or v == {})".format, inner, leaves, leaves),
            st.builds("[{}, *{}]".format, inner, leaves),
            st.builds(lambda call, value: call.format(value), _calls, leaves),
        )

    return st.recursive(atoms, grown, max_leaves=6)


def _atoms(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{} {} {}".format, values, _comparisons, _literals).map("({})".format),
        st.builds("{} {} {}".format, _literals, _comparisons, values).map("({})".format),
        st.builds("{}{}".format, values, _methods).map("({})".format),
        values,
        _literals,
    )


RUN_TEXTS = _texts(st.one_of(_run_values, _literals), _atoms(_run_values))
METRIC_TEXTS = _texts(
    st.one_of(_run_values, _METRIC_VALUES, _literals), _atoms(st.one_of(_METRIC_VALUES, _METRIC_VALUES, _run_values))
)
