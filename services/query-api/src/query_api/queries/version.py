"""Row 82: which version this is."""

from importlib.metadata import version

from contracts.rest.project_reads import Version


def read_version() -> Version:
    return Version(version("tallybook-query-api"), "backend")
