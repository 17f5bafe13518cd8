"""What the documents say of the repository is so: links lead somewhere, commands exist, indexes are complete."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path
    for path in [ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md")]
    if path.is_file()
)
_LINK = re.compile(r"\[[^\]]+\]\(([^)#]+)(?:#[^)]*)?\)")
_DECISION = re.compile(r"^# (\d{4}) (.+)$")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_of_the_repository(document: Path) -> None:
    targets = [t for t in _LINK.findall(document.read_text()) if "://" not in t]
    assert [t for t in targets if not (document.parent / t).exists()] == []


def test_the_index_of_decisions_names_each_decision_with_its_title() -> None:
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text()
    listed = dict(re.findall(r"^\| \[(\d{4})\]\([^)]+\) \| (.+) \|$", index, re.MULTILINE))
    titles = {}
    for path in sorted(folder.glob("[0-9]*.md")):
        matched = _DECISION.match(path.read_text().splitlines()[0])
        assert matched is not None, f"{path.name} does not begin with its number and title"
        assert path.name.startswith(matched[1])
        titles[matched[1]] = matched[2]
    assert listed == titles
    assert list(titles) == [f"{number:04d}" for number in range(1, len(titles) + 1)]


@pytest.mark.parametrize("part", ["Context", "Decision", "Alternatives", "Consequences"])
def test_every_decision_has_its_parts(part: str) -> None:
    paths = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    assert [path.name for path in paths if f"**{part}.**" not in path.read_text()] == []


def test_every_env_that_a_document_names_is_in_tox_ini() -> None:
    envs = set(re.findall(r"^\[testenv:(\w+)\]", (ROOT / "tox.ini").read_text(), re.MULTILINE))
    named = {
        env
        for document in DOCUMENTS
        for group in re.findall(r"(?:tox|--) -e ([\w,]+)", document.read_text())
        for env in group.split(",")
    }
    assert named
    assert named <= envs
