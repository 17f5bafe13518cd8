"""A Java runtime and the jars that a pom names, fetched once per machine."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.requirements import missing, require_tool

REPOSITORY = Path(__file__).resolve().parents[2]
# Small and quick to start: these servers live for minutes and share few cores.
SMALL_JVM = ("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_OLDEST_JAVA = 17
_FETCH_SECONDS = 240


def require_java() -> Path:
    """The `java` command of a JDK, 17 or newer; else the test is skipped (CI: fails)."""
    return require_tool(
        ["java"],
        f"install a JDK {_OLDEST_JAVA} or newer (Debian: openjdk-17-jdk-headless, macOS: brew install openjdk)",
        try_with=["--list-modules"],  # names the release, and the compiler, without which it runs no source file
        accepts=lambda output: _release_of_compiler(output) >= _OLDEST_JAVA,
    )


def jars_of(pom: Path) -> Path:
    """The folder of the jars that `pom` names, fetched by Maven when the cache lacks them.

    The cache is TALLYBOOK_DEV_CACHE, by default .cache/dev in the repository. A folder carries the hash of its pom, so
    it is complete and right when it is there, and needs no network then. Safe for several processes at once.
    """
    cache = Path(os.environ.get("TALLYBOOK_DEV_CACHE") or REPOSITORY / ".cache" / "dev")
    name = f"{pom.parent.name}-{hashlib.sha256(pom.read_bytes()).hexdigest()[:16]}"
    jars = cache / name
    if jars.is_dir():
        return jars
    maven = require_tool(
        ["mvn"], f"install Maven (Debian: maven, macOS: brew install maven); it fetches the jars of {pom} once"
    )
    cache.mkdir(parents=True, exist_ok=True)
    # One lock for all poms: Maven does not expect that two of it write into its own store of files.
    with _locked(cache / "maven.lock"):
        if not jars.is_dir():  # another process may have fetched them meanwhile
            _fetch(maven, pom, jars)
    return jars


def _fetch(maven: Path, pom: Path, jars: Path) -> None:
    partial = jars.with_name(jars.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    fetched = subprocess.run(
        [maven, "-q", "-B", "-f", pom, "dependency:copy-dependencies", f"-DoutputDirectory={partial}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_FETCH_SECONDS,
        check=False,
    )
    if fetched.returncode != 0:
        raise missing(
            f"Maven could not fetch the jars of {pom}; it needs its repository once:\n{fetched.stdout[-2000:]}"
        )
    partial.rename(jars)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the file's lock; the system frees it when its holder dies."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _release_of_compiler(modules: str) -> int:
    """The N of `jdk.compiler@N.…` in a list of modules; 0 if it is not among them (a runtime without the JDK)."""
    found = re.search(r"^jdk\.compiler@(\d+)", modules, re.MULTILINE)
    return int(found.group(1)) if found else 0
