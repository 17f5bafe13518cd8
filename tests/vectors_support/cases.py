"""The vector files: one request and what the reference server answered, or several in order.

Ours, and those of a folder that `TALLYBOOK_EXTRA_VECTORS` names: whatever has the same form there is a vector too.
"""

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from tests.vectors_support.answers import Answer

FOLDER = Path(__file__).parent.parent / "vectors" / "aim"

EXTRA = "TALLYBOOK_EXTRA_VECTORS"
EXTRA_NAME = "extra/"
"""How names of vectors from the further folder begin."""
_DATA_SET = "dataset"
_SCENARIO = "scenario-"

_VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Request:
    """`query` values are texts, `body` is what the JSON body holds (None: no body)."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Case:
    """One request and its answer.

    decoded: in the notation of `answers.decode`. volatile, assigned, unordered, and the values of quirks: patterns of
    dotted paths into it, `*` one segment, `**` any number. quirks: id to patterns. capture: variable to plain path.
    """

    name: str
    request: Request
    recorded: Answer
    decoded: dict[str, Any]
    volatile: tuple[str, ...]
    assigned: tuple[str, ...]
    unordered: tuple[str, ...]
    quirks: Mapping[str, tuple[str, ...]]
    depends_on_sampling: bool
    timing_dependent: bool
    empty_project: bool
    capture: Mapping[str, str]

    @property
    def kind(self) -> str:
        """`json`, `text` or `stream`."""
        kind: str = self.decoded["kind"]
        return kind

    def with_values(self, variables: Mapping[str, Any]) -> "Case":
        """The same case with `${variable}` filled in, in the request and in what is expected."""
        return replace(
            self,
            request=Request(**{name: substitute(part, variables) for name, part in vars(self.request).items()}),
            decoded=substitute(self.decoded, variables),
        )

    def with_ids(self, ids: Mapping[str, str]) -> "Case":
        """The same case with recorded ids (of experiments, tags, notes) replaced by ours, wherever they occur."""
        return replace(
            self,
            request=Request(**{name: _rename(part, ids) for name, part in vars(self.request).items()}),
            decoded=_rename(self.decoded, ids),
        )


@dataclass(frozen=True)
class Scenario:
    """Cases that follow each other; what one captures, later ones use."""

    name: str
    steps: tuple[Case, ...]


def extra_files() -> dict[str, Any]:
    """The contents of the further files, by path below their folder, without `.json`; none if no folder is named.

    Raises ValueError if there is no such folder, or if it speaks of other data than ours.
    """
    folder = os.environ.get(EXTRA)
    return _read_folder(Path(folder)) if folder else {}


@cache
def _read_folder(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise ValueError(f"{EXTRA} names {folder}, which is no folder")
    files = {
        file.relative_to(folder).with_suffix("").as_posix(): json.loads(file.read_text(encoding="utf-8"))
        for file in sorted(folder.rglob("*.json"))
    }
    if _DATA_SET in files and files[_DATA_SET] != _file(_DATA_SET):
        raise ValueError(f"{folder} holds a data set that is not the one of the vectors")
    return files


def names(prefix: str = "") -> list[str]:
    """Names of the single vectors that begin with a prefix, sorted; those of the further folder begin with `extra/`."""
    ours = [file.stem for file in FOLDER.glob("*.json") if file.stem != _DATA_SET]
    own = [name for name in ours if not name.startswith(_SCENARIO)]
    extra = [f"{EXTRA_NAME}{name}" for name, content in extra_files().items() if _has(content, "request", "response")]
    return [name for name in sorted(own) + extra if name.startswith(prefix)]


def scenario_names() -> list[str]:
    """In the order in which they were recorded: the editing ones build on each other's absence of conflicts."""
    order = ("blobs-audio", "blobs-images", "experiments-edit", "tags-edit", "boards-and-reports", "pinned-sequences")
    extra = [f"{EXTRA_NAME}{name}" for name, content in extra_files().items() if _has(content, "steps")]
    return [*(f"{_SCENARIO}{name}" for name in order), *extra]


def _has(content: Any, *keys: str) -> bool:
    """What has another form belongs to another specification."""
    return isinstance(content, dict) and all(key in content for key in keys)


def load(name: str) -> Case:
    """A single vector by name."""
    return _case(name, _file(name))


def load_scenario(name: str) -> Scenario:
    """A scenario by name; its steps are named `<name>[<index>]`."""
    steps = _file(name)["steps"]
    return Scenario(name, tuple(_case(f"{name}[{index}]", step) for index, step in enumerate(steps)))


def load_any(name: str) -> Case:
    """A single vector, or a step of a scenario, by its name."""
    scenario, bracket, index = name.rstrip("]").rpartition("[")
    return load_scenario(scenario).steps[int(index)] if bracket else load(name)


def capture(case: Case, decoded: Mapping[str, Any]) -> dict[str, Any]:
    """What later steps need from this answer, by variable.

    A path leads into the recorded answer. Ours may have series in another order, and keys that the recording has not.
    """
    return {variable: _counterpart(case.decoded, decoded, path.split(".")) for variable, path in case.capture.items()}


def substitute(node: Any, variables: Mapping[str, Any]) -> Any:
    """A copy with every `${variable}` in texts and keys filled in; unknown variables stay.

    A text that is nothing but a variable becomes its value, of whatever type.
    """

    def fill(text: str) -> Any:
        whole = _VARIABLE.fullmatch(text)
        if whole:
            return variables.get(whole[1], text)
        return _VARIABLE.sub(lambda found: str(variables.get(found[1], found[0])), text)

    return _mapped(node, fill)


def _rename(node: Any, ids: Mapping[str, str]) -> Any:
    if not ids:
        return node
    pattern = re.compile("|".join(re.escape(recorded) for recorded in ids))
    return _mapped(node, lambda text: pattern.sub(lambda found: ids[found[0]], text))


def _mapped(node: Any, change: Callable[[str], Any]) -> Any:
    if isinstance(node, str):
        return change(node)
    if isinstance(node, Mapping):
        return {_mapped(key, change): _mapped(value, change) for key, value in node.items()}
    return [_mapped(element, change) for element in node] if isinstance(node, list) else node


def _counterpart(recorded: Any, given: Any, path: list[str]) -> Any:
    for segment in path:
        if isinstance(recorded, list):
            index = int(segment)
            recorded, given = recorded[index], given[_place(recorded, given, index)]
        else:
            recorded, given = recorded[segment], given[segment]
    return given


def _place(recorded: list[Any], given: list[Any], index: int) -> int:
    """Where in the given list the element is that stands at an index of the recorded one."""
    identity = _identity(recorded[index])
    if identity is None:
        return index
    before = sum(_identity(one) == identity for one in recorded[:index])
    places = [place for place, one in enumerate(given) if _identity(one) == identity]
    return places[before] if before < len(places) else index


def _identity(element: Any) -> str | None:
    """Of a series its name and context, of a stream's item its key; None for what counts by its place alone."""
    if isinstance(element, dict) and {"name", "context"} <= element.keys():
        return json.dumps([element["name"], element["context"]], sort_keys=True)
    if isinstance(element, list) and len(element) == 2 and isinstance(element[0], str):
        return element[0]
    return None


def _file(name: str) -> Any:
    if name.startswith(EXTRA_NAME):
        return extra_files()[name.removeprefix(EXTRA_NAME)]
    return _own_file(name)


@cache
def _own_file(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def _case(name: str, content: Mapping[str, Any]) -> Case:
    request, response = content["request"], content["response"]
    return Case(
        name=name,
        request=Request(
            request["method"],
            request["path"],
            request.get("query", {}),
            request.get("headers", {}),
            request.get("body"),
        ),
        recorded=Answer.recorded(response),
        decoded=response["decoded"],
        volatile=tuple(content.get("volatile", ())),
        assigned=tuple(content.get("assigned", ())),
        unordered=tuple(content.get("unordered", ())),
        quirks={quirk["id"]: tuple(quirk["paths"]) for quirk in content.get("quirks", [])},
        depends_on_sampling=content.get("depends_on_sampling", False),
        timing_dependent=content.get("timing_dependent", False),
        empty_project=content.get("dataset") == "empty",
        capture=content.get("capture", {}),
    )
