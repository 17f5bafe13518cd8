"""Random queries over the recorded dataset: the grammar that people write, with errors and negations mixed in."""

from hypothesis import strategies as st

_TEXTS = st.sampled_from(
    ["'adam'", "'resnet-18'", "''", "'baseline'", "'prod'", "'e891b774bfd464230351fdf8'", "'loss'", "None"]
)
_NUMBERS = st.sampled_from(["0", "1", "0.1", "64", "-1", "1710028800", "1710028799.999999", "True", "1e400"])
_DATES = st.sampled_from(
    [
        "datetime(2024, 3, 10)",
        "datetime(2024, 3, 10, 0, 0, 0, 1)",
        "datetime(year=2024, month=3, day=12)",
        "datetime(2024, 13, 1)",
        "datetime.now()",
        "datetime(2024, 3, 10) - timedelta(hours=1)",
    ]
)
_FIELDS = st.sampled_from(
    [
        "run.hash",
        "run.name",
        "run.experiment",
        "run.description",
        "run.archived",
        "run.active",
        "run.created_at",
        "run.creation_time",
        "run.end_time",
        "run.tags",
        "run.hparams.lr",
        "run.hparams.optimizer",
        "run.nope",
        "run.hparams.nope",
        "run.x",
        "nope",
        "run.duration",
        "run.finalized_at",
    ]
)
_LITERALS = st.one_of(_TEXTS, _NUMBERS, _DATES)
_OPERATORS = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "is", "is not"])
_DISPLAYS = st.lists(_LITERALS, min_size=1, max_size=4).flatmap(
    lambda items: st.sampled_from([f"[{', '.join(items)}]", f"({', '.join(items)},)", f"{{{', '.join(items)}}}"])
)


def _atoms(fields: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        fields,
        _LITERALS,
        st.just("()"),
        st.builds("{} {} {}".format, fields, _OPERATORS, _LITERALS),
        st.builds("{} {} {}".format, _LITERALS, _OPERATORS, fields),
        st.builds("{} {} {} {} {}".format, _LITERALS, _OPERATORS, fields, _OPERATORS, _LITERALS),
        st.builds("{} {} {}".format, fields, st.sampled_from(["in", "not in"]), _DISPLAYS),
        st.builds("{} {} run.tags".format, _TEXTS, st.sampled_from(["in", "not in"])),
        st.just("1 / run.zero"),
        st.just("(run := 1)"),
        st.just("any(t == 'prod' for t in run.tags)"),
    )


def _expressions(atoms: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.recursive(
        atoms,
        lambda inner: st.one_of(
            st.builds("({} and {})".format, inner, inner),
            st.builds("({} or {})".format, inner, inner),
            st.builds("(not {})".format, inner),
            st.builds("({} if {} else {})".format, inner, inner, inner),
            st.builds("(({}) == ({}))".format, inner, inner),
        ),
        max_leaves=8,
    )


RUN_QUERIES = _expressions(_atoms(_FIELDS))
_METRIC_FIELDS = st.sampled_from(
    ["metric.name", "metric.name", "metric.last", "metric.context.subset", "metric.last_step", "metric.nope"]
)
METRIC_QUERIES = _expressions(_atoms(st.one_of(_FIELDS, _METRIC_FIELDS)))
