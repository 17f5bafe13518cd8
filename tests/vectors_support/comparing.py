"""Whether an answer says the same as a recorded one, by the rules under which vectors may be compared."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from tests.vectors_support.answers import Answer, decode
from tests.vectors_support.cases import Case
from tests.vectors_support.dataset import context_text
from tests.vectors_support.patterns import Path, matches
from tests.vectors_support.sampling import SAMPLED_PATHS, sampling_faults

from contracts.aimcodec.progress import is_progress_key

_MOST_DIFFERENCES = 40
_LONGEST_SHOWN = 160
_UNHANDLED_FAILURE = "unhandled-failure"
_PERMITTED_LISTS = ("access-control-allow-methods", "access-control-allow-headers")
_PERMITTED = ("access-control-allow-origin", "access-control-allow-credentials", "access-control-max-age")
_RENAMED_INDEX_RANGE = "used-index-range-is-called-index_range"
_EMPTY_STEP = "missing-step-gives-empty-sequence"
TOKENS_GROUPED_BY_RUN = "tokens-grouped-by-run"
"""The reference answers references to bytes run by run, not in the order of the request; no vector names this one."""


def differences(
    case: Case,
    answer: Answer,
    *,
    copied_quirks: Collection[str] = (),
    comparable: Collection[str] = (),
    same_sampling: bool = False,
    exact_numbers: bool = False,
) -> list[str]:
    """What an answer says otherwise than the recording, one sentence each; empty when it is as good.

    Never compared: volatile values (only that they are there, and their type), progress, member order, and what the
    case's quirks touch, unless a quirk's id is in `copied_quirks`. Lists of `{name, context, ...}` and the case's
    unordered lists count as sets. Values that the server assigns are compared where the case's pattern for them is in
    `comparable`. Where an answer depends on the rule of sampling, its points are checked against what was logged, or
    against the recording with `same_sampling`. 1 equals 1.0 unless `exact_numbers`.
    """
    broken = _broken(case, answer, copied_quirks)
    if broken is not None:
        return broken
    try:
        decoded = decode(answer, case.kind)
    except ValueError as error:
        return [f"the body is no {case.kind}: {error}"]
    quirks = [pattern for quirk, paths in case.quirks.items() if quirk not in copied_quirks for pattern in paths]
    sampled = case.depends_on_sampling and not same_sampling
    rules = _Rules(
        free=(*quirks, *(SAMPLED_PATHS if sampled else ())),
        loose=(*case.volatile, *(pattern for pattern in case.assigned if pattern not in comparable)),
        unordered=case.unordered,
        exact_numbers=exact_numbers,
    )
    alike = case.quirks.keys() - set(copied_quirks)
    expected, actual = (_comparable(tree, alike) for tree in (case.decoded, decoded))
    found = list(_compare(expected, actual, (), rules))
    if sampled and answer.status == 200 and not found:
        found += sampling_faults(case, decoded, copied_quirks, comparable)
    return found[:_MOST_DIFFERENCES]


@dataclass(frozen=True)
class _Rules:
    """Patterns. free: anything may be there. loose: something of the same type must be there."""

    free: tuple[str, ...]
    loose: tuple[str, ...]
    unordered: tuple[str, ...]
    exact_numbers: bool


def _broken(case: Case, answer: Answer, copied_quirks: Collection[str]) -> list[str] | None:
    """The verdict when the body need not be read: a wrong status, type or end, or a recorded failure."""
    if _UNHANDLED_FAILURE in case.quirks and _UNHANDLED_FAILURE not in copied_quirks:
        failed = answer.status >= 500 or answer.aborted
        return [f"fails as the recording did: status {answer.status}"] if failed else []
    if answer.status != case.recorded.status:
        start = answer.plain_body()[:_LONGEST_SHOWN]
        return [f"status: expected {case.recorded.status}, got {answer.status} with body {start!r}"]
    if answer.aborted != case.recorded.aborted:
        return [f"the connection {'broke' if answer.aborted else 'should have broken'} before the end of the body"]
    content_type = answer.headers.get("content-type", "")
    if case.kind == "json" and not content_type.startswith("application/json"):
        return [f"content type: expected application/json, got {content_type!r}"]
    return _broken_permission(case, answer) if case.request.method == "OPTIONS" else None


def _broken_permission(case: Case, answer: Answer) -> list[str] | None:
    """Of a preflight: what the recorded answer permits, and how long it may be remembered."""
    found = []
    for name, recorded in case.recorded.headers.items():
        given = answer.headers.get(name, "")
        if name in _PERMITTED_LISTS and not _listed(recorded) <= _listed(given):
            found.append(f"{name}: expected all of {recorded!r}, got {given!r}")
        elif name in _PERMITTED and recorded != given:
            found.append(f"{name}: expected {recorded!r}, got {given!r}")
    return found or None


def _listed(header: str) -> set[str]:
    return {part.strip().lower() for part in header.split(",")}


def _comparable(decoded: dict[str, Any], quirks: Collection[str]) -> dict[str, Any]:
    """The answer without progress, and with the groups of a batch as one object each: their keys are members.

    quirks: that are undone, so that who does not copy them says the same.
    """
    if decoded["kind"] != "stream":
        return decoded
    items = [[key, tree] for key, tree in decoded["items"] if not is_progress_key(key)]
    if _RENAMED_INDEX_RANGE in quirks:
        items = [["index_range_used" if key == "index_range" else key, tree] for key, tree in items]
        # Who sends it under both names says the same twice.
        items = [one for at, one in enumerate(items) if one[0] != "index_range_used" or items[at - 1 : at] != [one]]
    if TOKENS_GROUPED_BY_RUN in quirks:
        items = sorted(items, key=lambda one: str(one[0]))
    if any(key == "name" for key, _ in items):
        groups = _groups(items)
        if _EMPTY_STEP in quirks:
            groups = [group for group in groups if group.get("iters")]
        items = [["sequence", group] for group in groups]
    return {"kind": "stream", "items": items}


def _groups(items: list[list[Any]]) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = [{}]
    for key, tree in items:
        if key in groups[-1]:
            groups.append({})
        groups[-1][key] = tree
    return groups


def _compare(expected: Any, actual: Any, path: Path, rules: _Rules) -> Iterator[str]:
    if matches(path, rules.free):
        return
    if _kind(expected) != _kind(actual):
        yield _sentence(path, expected, actual)
    elif matches(path, rules.loose):
        return
    elif isinstance(expected, dict):
        yield from _compare_objects(expected, actual, path, rules)
    elif isinstance(expected, list):
        if matches(path, rules.unordered) or (_are_named(expected) and _are_named(actual)):
            yield from _compare_sets(expected, actual, path, rules)
        else:
            yield from _compare_lists(expected, actual, path, rules)
    elif expected != actual or (rules.exact_numbers and type(expected) is not type(actual)):
        yield _sentence(path, expected, actual)


def _kind(node: Any) -> str:
    """JSON's kinds: 1 and 1.0 are of one kind, 1 and true are not."""
    if isinstance(node, int | float) and not isinstance(node, bool):
        return "number"
    return type(node).__name__


def _compare_objects(expected: dict[str, Any], actual: dict[str, Any], path: Path, rules: _Rules) -> Iterator[str]:
    for key in expected.keys() | actual.keys():
        below = (*path, str(key))
        if key in expected and key in actual:
            yield from _compare(expected[key], actual[key], below, rules)
        elif not matches(below, rules.free):
            verb = "is missing" if key in expected else "is not expected"
            yield f"{_dotted(below)}: {verb}: {_shown(expected.get(key, actual.get(key)))}"


def _compare_lists(expected: list[Any], actual: list[Any], path: Path, rules: _Rules) -> Iterator[str]:
    if len(expected) != len(actual):
        yield f"{_dotted(path)}: expected {len(expected)} elements, got {len(actual)}"
    for index, (left, right) in enumerate(zip(expected, actual, strict=False)):
        yield from _compare(left, right, (*path, str(index)), rules)


def _are_named(nodes: list[Any]) -> bool:
    return all(isinstance(node, dict) and {"name", "context"} <= node.keys() for node in nodes)


def _compare_sets(expected: list[Any], actual: list[Any], path: Path, rules: _Rules) -> Iterator[str]:
    """Pair each expected element with the actual one that differs least among those of the same name and context."""
    left_over = list(actual)
    for index, node in enumerate(expected):
        below = (*path, str(index))
        candidates = [(list(_compare(node, other, below, rules)), other) for other in left_over if _akin(node, other)]
        if not candidates:
            yield f"{_dotted(below)}: is missing: {_shown(node)}"
            continue
        found, closest = min(candidates, key=lambda candidate: len(candidate[0]))
        left_over = [other for other in left_over if other is not closest]
        yield from found
    for node in left_over:
        yield f"{_dotted(path)}: is not expected: {_shown(node)}"


def _akin(one: Any, other: Any) -> bool:
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return bool(one == other)
    names = [(node.get("name"), context_text(node.get("context"))) for node in (one, other)]
    return names[0] == names[1]


def _sentence(path: Path, expected: Any, actual: Any) -> str:
    return f"{_dotted(path)}: expected {_shown(expected)}, got {_shown(actual)}"


def _dotted(path: Path) -> str:
    return ".".join(path) or "(root)"


def _shown(node: Any) -> str:
    text = json.dumps(node, ensure_ascii=False)
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."
