"""What the requests made from the OpenAPI file may be answered besides, or need not be refused, and why.

Everything else that schemathesis checks holds for every operation. Each entry names the line of the contract that
causes it, and a request that shows it: the product really answers so, else the entry is a fault.
"""

from dataclasses import dataclass
from typing import Any

POSITIVE, NEGATIVE = "positive_data_acceptance", "negative_data_rejection"
_USUAL = ("2xx", "3xx", "401", "403", "404", "409", "429", "5xx")
"""Statuses that schemathesis takes for an acceptance by itself: what a path names may be gone."""


@dataclass(frozen=True)
class Lenient:
    """statuses: that POSITIVE takes besides; none where a check is off.

    method, path, body, query: the request that shows it, answered with `shown`. `{...}` in paths: what tests know.
    """

    operations: tuple[str, ...]
    check: str
    line: str
    statuses: tuple[int, ...] = ()
    method: str = "GET"
    path: str = ""
    body: Any = None
    query: tuple[tuple[str, str], ...] = ()
    shown: int = 400


_SEARCHES = ("SearchRuns", "SearchMetrics", "SearchImages", "SearchTexts", "SearchDistributions", "SearchAudios")

LENIENT = (
    Lenient(
        (*_SEARCHES, "SearchFigures"),
        POSITIVE,
        "2.2: `q` text: query expression; 400 syntax error envelope. 1.3: densities must be > 0, else 400",
        (400,),
        path="/runs/search/metric",
        query=(("q", "run.x =="),),
    ),
    Lenient(
        ("CreateTag",),
        POSITIVE,
        "row 56: 400 `Tag with name '<name>' already exists` or empty name",
        (400,),
        "POST",
        "/tags",
        {"name": " "},
    ),
    Lenient(
        ("UpdateTag",),
        POSITIVE,
        "row 58: 400 name taken by another tag",
        (400,),
        "PUT",
        "/tags/{other_tag}",
        {"name": "{tag_name}"},
    ),
    Lenient(
        ("CreateExperiment",),
        POSITIVE,
        "row 43: 400 `Experiment with name '<name>' already exists`; 400 if empty after trimming",
        (400,),
        "POST",
        "/experiments",
        {"name": " "},
    ),
    Lenient(
        ("UpdateExperiment",),
        POSITIVE,
        "row 45: 400 on a name taken by another experiment",
        (400,),
        "PUT",
        "/experiments/{other_experiment}",
        {"name": "{experiment_name}"},
    ),
    Lenient(
        ("TagRun",),
        POSITIVE,
        "row 8: `tag_name` text, required, trimmed; empty → 400",
        (400,),
        "POST",
        "/runs/{run}/tags/new",
        {"tag_name": " "},
    ),
    Lenient(
        ("CreateDashboard",),
        POSITIVE,
        "row 68: unknown `app_id`: 400 `App not found`",
        (400,),
        "POST",
        "/dashboards",
        {"name": "x", "app_id": "none"},
    ),
    Lenient(
        ("AlignMetrics",),
        POSITIVE,
        "1.3: `slice[2]` of align: 0 or below -1 → 400",
        (400,),
        "POST",
        "/runs/search/metric/align",
        {"align_by": "a", "runs": [{"run_id": "r", "traces": [{"name": "a", "context": {}, "slice": [0, 0, 0]}]}]},
    ),
    Lenient(
        ("GetMetricBatch",),
        POSITIVE,
        "1.3: `record_density` of row 23: 0 or below -1 → 400",
        (400,),
        "POST",
        "/runs/{run}/metric/get-batch",
        [],
        (("record_density", "0"),),
    ),
    Lenient(
        ("IngestRun",),
        POSITIVE,
        "ingestion contract, 1.8: 200 when at least one message is valid, else 422 and nothing appended",
        (422,),
        "POST",
        "/api/v1/ingest/runs/{run}",
        [{"type": "finish_run", "client_datetime": "no time"}],
        shown=422,
    ),
    Lenient(
        ("PresignArtifact",),
        POSITIVE,
        "row 83: a path with a segment that is empty, `.` or `..`, or with a control character → 422",
        (422,),
        "POST",
        "/artifacts/presign",
        {"run_id": "my-run", "artifact_path": "a/../b"},
        shown=422,
    ),
    Lenient(
        ("ClearTombstone",),
        NEGATIVE,
        "row 7: 204, idempotent, also when no tombstone or run exists",
        method="POST",
        path="/runs/no%20id/clear-tombstone",
        shown=204,
    ),
)


def configuration(position: str, *, examples: int, seconds: int | None) -> str:
    """Of schemathesis, as TOML. position: a token that is one, since no pattern says which texts are.

    seconds: the requests are repeated until they are over; None for `examples` of each operation, always the same.
    """
    lines = [
        "warnings = false",
        "continue-on-failure = true",
        *([] if seconds is None else [f"max-time = {seconds}"]),
        "[generation]",
        f"max-examples = {examples}",
        f"deterministic = {str(seconds is None).lower()}",
        # The contract says of unknown fields that they are ignored (1.3), and the UIs send parameters of their own.
        "allow-extra-parameters = false",
        "[parameters]",
        f'"header.X-Tallybook-Position" = "{position}"',
    ]
    for entry in LENIENT:
        lines += ["[[operations]]", f"include-operation-id = {list(entry.operations)}"]
        if entry.statuses:
            accepted = [*_USUAL, *map(str, entry.statuses)]
            lines += [f"checks.{entry.check}.expected-statuses = {accepted}"]
        else:
            lines += [f"checks.{entry.check}.enabled = false"]
    return "\n".join(lines) + "\n"
