"""Recorded cases of the query language, the data that they are asked over, and when an answer is the recorded one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.vectors_support.cases import FOLDER, extra_files
from tests.vectors_support.dataset import plain
from tests.vectors_support.loading import Message, sequence_messages

_IMAGE = {"data": "Mngy", "caption": "", "format": "png", "width": 2, "height": 2}

Recorded = dict[str, Any]
"""`hashes`, `sequences` or `error`."""


@dataclass(frozen=True)
class Suite:
    """name: empty for our own. runs, cases: as the file has them."""

    name: str
    runs: list[dict[str, Any]]
    cases: list[dict[str, Any]]

    def case_name(self, case: Mapping[str, Any]) -> str:
        return f"{self.name}:{case['id']}" if self.name else str(case["id"])


@cache
def suites() -> list[Suite]:
    """Our own first, then those of the further folder: over data of their own if they bring some, else over ours."""
    content = json.loads((FOLDER.parent / "query-language.json").read_text(encoding="utf-8"))
    ours = Suite("", content["dataset"]["runs"], content["cases"])
    further = [
        Suite(f"extra/{name}", more.get("dataset", content["dataset"])["runs"], more["cases"])
        for name, more in extra_files().items()
        if isinstance(more, dict) and "cases" in more
    ]
    return [ours, *further]


def query_run_messages(run: Mapping[str, Any]) -> list[Message]:
    """What a client would have sent of one run of a suite."""
    properties = {key: run[key] for key in ("name", "description", "experiment", "archived")}
    messages: list[Message] = [
        {"type": "create_run", "creation_time": run["creation_time"]},
        {"type": "set_run_property", **{key: value for key, value in properties.items() if value is not None}},
        *({"type": "log_hparams", "value": {key: plain(value)}} for key, value in run["params"].items()),
        *(message for sequence in run["sequences"] for message in _sequence(sequence, run["creation_time"])),
        # The reference let a tag have an empty name, which our API refuses; another that no case asks for stands in.
        *({"type": "add_tag", "tag_name": name or "(empty)"} for name in run["tags"]),
    ]
    return messages if run["active"] else [*messages, {"type": "finish_run", "end_time": run["end_time"]}]


def _sequence(sequence: Mapping[str, Any], time: float) -> list[Message]:
    steps, values, epochs = (list(column) for column in zip(*sequence["points"], strict=True))
    noted = {
        "kind": sequence["type"],
        "name": sequence["name"],
        "context": sequence["context"],
        "steps": steps,
        "epochs": epochs,
        "times": [time] * len(steps),
    }
    if sequence["type"] == "metric":
        return sequence_messages({**noted, "values": values})
    # The number of an image value says how many there are.
    records = [{"data": value} if sequence["type"] == "texts" else [_IMAGE] * value for value in values]
    return sequence_messages({**noted, "records": records})


def as_recorded(given: Recorded, case: Mapping[str, Any]) -> bool:
    """Whether an answer is one that the case allows. Positions in a query text are the parser's: informative."""
    expected = case["expect"]
    if "any_of" in expected:
        allowed = {"error": "error" in given, "empty": given in ({"hashes": []}, {"sequences": []})}
        if "reference" in expected["any_of"]:
            allowed["reference"] = comparable(given) == comparable(case["reference"])
        return any(allowed.get(name, False) for name in expected["any_of"])
    return comparable(given, expected) == comparable(expected)


def comparable(answer: Recorded, like: Recorded | None = None) -> Recorded:
    """Runs in order, sequences as a set, of an error the status, and message and statement where `like` has a body."""
    if "sequences" in answer:
        return {"sequences": sorted(json.dumps(one, sort_keys=True) for one in answer["sequences"])}
    if "error" not in answer:
        return answer
    error = answer["error"]
    if "body" not in error or (like is not None and "body" not in like.get("error", {})):
        return {"error": {"status": error["status"]}}
    body = error["body"]
    detail = body["detail"]
    statement = detail["statement"] if isinstance(detail, dict) else None
    return {"error": {"status": error["status"], "message": body["message"], "statement": statement}}
