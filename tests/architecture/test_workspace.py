"""The workspace is what its set-up files say: packages, locks, tox envs, and no address of any registry."""

import ast
import configparser
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = sorted(
    path.parent for path in (*ROOT.glob("libs/*/pyproject.toml"), *ROOT.glob("services/*/pyproject.toml"))
)
LOCKS = ("build", "cluster", "dev", "matyan-ui", "runtime")

# Put together here, so that this file does not break its own rule.
REGISTRY_HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("repo", "maven", "apache", "org"),
        ("repo1", "maven", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("proxy", "golang", "org"),
        ("crates", "io"),
        ("docker", "io"),
        ("ghcr", "io"),
        ("quay", "io"),
        ("gcr", "io"),
        ("deb", "debian", "org"),
    )
)
INDEX_OPTION = re.compile(r"^\s*(-i|-f|--index-url|--extra-index-url|--find-links|--trusted-host)\b", re.MULTILINE)

# Questions that tox asks only when told to, see tox.ini.
FOLDERS_NOT_ASKED_BY_DEFAULT = {"soak"}
FOLDERS_OF_ENV = {"unit": {"unit", "architecture"}, "recorded": {"vectors"}}


def tracked_files() -> list[Path]:
    """Every file that is committed or would be, relative to the root."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [Path(name) for name in listing.split("\0") if name and (ROOT / name).is_file()]


def project_of(package: Path) -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    return project


def import_name(package: Path) -> str:
    (source,) = [path for path in (package / "src").iterdir() if path.is_dir() and not path.name.endswith(".egg-info")]
    return source.name


def normal(name: str) -> str:
    """A distribution's name as package indexes compare it; what follows the name (extras, versions) is cut off."""
    matched = re.match(r"[A-Za-z0-9._-]+", name)
    assert matched is not None, name
    return re.sub(r"[-_.]+", "-", matched.group()).lower()


def declared(package: Path) -> set[str]:
    project = project_of(package)
    extras = project.get("optional-dependencies", {}).values()
    lines = [*project["dependencies"], *(line for extra in extras for line in extra)]
    return {normal(line) for line in lines} - {normal(project["name"])}


def excused(package: Path) -> set[str]:
    """Dependencies whose line in the pyproject says why no import names them."""
    lines = (package / "pyproject.toml").read_text().splitlines()
    return {normal(line.strip().strip('"')) for line in lines if re.search(r"# not imported: \S", line)}


def top_level_imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
            yield node.module.partition(".")[0]


LATER_STDLIB = {"compression"}
"""Modules of Python 3.14, which is not always the one that asks."""


def imported(package: Path) -> set[str]:
    """Distributions, by normal name, that the package's own code imports; unknown modules keep their name."""
    ours = {import_name(other): {normal(project_of(other)["name"])} for other in PACKAGES}
    known = {name: {normal(dist) for dist in dists} for name, dists in packages_distributions().items()} | ours
    names = {name for file in (package / "src").rglob("*.py") for name in top_level_imports(file)}
    names -= {*sys.stdlib_module_names, *LATER_STDLIB, import_name(package)}
    return set().union(*(known.get(name, {name}) for name in names))


def pins(lock: str) -> dict[str, set[str]]:
    """Name to the versions that a lock allows, with every requirement checked to be one version with hashes."""
    found: dict[str, set[str]] = {}
    for requirement in (ROOT / "requirements" / f"{lock}.txt").read_text().replace("\\\n", " ").splitlines():
        if not requirement.strip() or requirement.lstrip().startswith("#"):
            continue
        matched = re.match(r"([a-z0-9._-]+)==(\S+)( ; .*?)?\s+--hash=sha256:[0-9a-f]{64}", requirement)
        assert matched is not None, f"{lock}.txt: not one version with hashes: {requirement[:80]}"
        found.setdefault(matched.group(1), set()).add(matched.group(2))
    return found


def tox_settings() -> configparser.RawConfigParser:
    settings = configparser.RawConfigParser()
    settings.read(ROOT / "tox.ini")
    return settings


@pytest.mark.parametrize("host", REGISTRY_HOSTS)
def test_no_committed_file_names_a_registry(host: str) -> None:
    pattern = re.compile(rf"(?<![\w-]){re.escape(host)}(?![\w-])".encode())
    # Jars, images and recorded bytes are read as well: a name may hide anywhere.
    assert [str(file) for file in tracked_files() if pattern.search((ROOT / file).read_bytes())] == []


def test_no_lock_holds_an_index_option() -> None:
    files = sorted((ROOT / "requirements").iterdir())
    assert [file.name for file in files if INDEX_OPTION.search(file.read_text())] == []
    assert not (ROOT / "uv.lock").exists() or Path("uv.lock") not in tracked_files()


@pytest.mark.parametrize(
    "path",
    [
        ".ci/run", ".importlinter", ".pre-commit-config.yaml", "CHANGELOG.md", "LICENSE", "README.md", "docs/adr",
        "docs/event-map.md", "pyproject.toml", "requirements/lock", "tallybook", "tests/vectors", "tox.ini",
    ],
)  # fmt: skip
def test_fixed_path_exists(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("path", [".ci/run", "requirements/lock", "tallybook"])
def test_command_is_executable(path: str) -> None:
    assert (ROOT / path).stat().st_mode & 0o111


@pytest.mark.parametrize("package", PACKAGES, ids=import_name)
def test_package_is_typed_and_says_its_terms(package: Path) -> None:
    project = project_of(package)
    assert (package / "src" / import_name(package) / "py.typed").is_file()
    assert project["license"] == "Apache-2.0"
    assert project["requires-python"] == ">=3.11"
    assert project["description"]


@pytest.mark.parametrize("package", PACKAGES, ids=import_name)
def test_every_import_is_declared(package: Path) -> None:
    assert imported(package) - declared(package) == set()


@pytest.mark.parametrize("package", PACKAGES, ids=import_name)
def test_every_declared_dependency_is_used(package: Path) -> None:
    assert declared(package) - excused(package) - imported(package) == set()


@pytest.mark.parametrize("package", PACKAGES, ids=import_name)
def test_dependency_excused_from_import_is_not_imported(package: Path) -> None:
    assert excused(package) & imported(package) == set()


def test_every_package_is_known_to_all_tools() -> None:
    folders = {str(package.relative_to(ROOT)) for package in PACKAGES}
    runtime = (ROOT / "requirements/runtime.in").read_text()
    assert {line.partition("[")[0] for line in re.findall(r"^-e \./(\S+)", runtime, re.MULTILINE)} == folders

    mypy_path = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["mypy_path"]
    assert set(mypy_path) == {"examples", *(f"{folder}/src" for folder in folders)}

    linter = configparser.RawConfigParser()
    linter.read(ROOT / ".importlinter")
    assert set(linter["importlinter"]["root_packages"].split()) == {import_name(package) for package in PACKAGES}


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_pins_every_requirement_with_hashes(lock: str) -> None:
    assert pins(lock)


@pytest.mark.parametrize("lock", ["build", "cluster", "runtime"])
def test_tests_run_with_the_versions_that_ship(lock: str) -> None:
    tested = pins("dev")
    assert {name: versions for name, versions in pins(lock).items() if not versions <= tested.get(name, set())} in (
        {},
        {"colorama": pins(lock).get("colorama")},  # a marker for a system that we do not support
    )


@pytest.mark.parametrize("package", PACKAGES, ids=import_name)
def test_product_and_cluster_lock_what_a_package_declares(package: Path) -> None:
    ours = {normal(project_of(other)["name"]) for other in PACKAGES}
    assert declared(package) - ours - set(pins("runtime")) - set(pins("cluster")) == set()


def test_every_folder_with_tests_is_asked_by_default() -> None:
    with_tests = {file.relative_to(ROOT / "tests").parts[0] for file in (ROOT / "tests").glob("*/**/test_*.py")}
    asked = {name.strip() for name in tox_settings()["tox"]["env_list"].split(",")}
    covered = set().union(*(FOLDERS_OF_ENV.get(name, {name}) for name in asked))
    assert with_tests - FOLDERS_NOT_ASKED_BY_DEFAULT - covered == set(), "add an env to env_list of tox.ini"


def test_every_env_asked_by_default_has_tests_to_run() -> None:
    settings = tox_settings()
    envs = [name.strip() for name in settings["tox"]["env_list"].split(",")]
    folders = {
        folder for name in envs for folder in re.findall(r"\btests/\w+", settings[f"testenv:{name}"]["commands"])
    }
    assert [folder for folder in sorted(folders) if not list((ROOT / folder).rglob("test_*.py"))] == []


@pytest.mark.parametrize(
    "entry",
    [
        f"{import_name(package)}.{'cli' if import_name(package) == 'standalone' else 'bootstrap'}"
        for package in PACKAGES
        if package.parent.name == "services"
    ],
)
def test_embedded_product_loads_without_the_clients_of_the_cluster(entry: str) -> None:
    """Its environment has no Kafka, Faust, MongoDB or S3; the one of tests has all, so nothing else would notice."""
    only_in_cluster = set(pins("cluster")) - set(pins("runtime"))
    installed = packages_distributions().items()
    hidden = sorted(name for name, dists in installed if {normal(dist) for dist in dists} & only_in_cluster)
    assert {"confluent_kafka", "faust", "pymongo", "s3fs"} <= set(hidden)
    program = (
        f"import importlib, sys; sys.modules.update(dict.fromkeys({hidden!r})); importlib.import_module({entry!r})"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT)
    assert finished.returncode == 0, finished.stderr
