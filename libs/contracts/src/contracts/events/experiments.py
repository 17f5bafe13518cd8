"""Experiments: entries of the catalog that runs belong to."""

from contracts.events.base import CatalogEvent


class ExperimentCreated(CatalogEvent, frozen=True, kw_only=True):
    """The first of a name in log order wins; the id of a later one becomes an alias of the winner's.

    `at`: seconds UTC.
    """

    experiment_id: str
    name: str
    description: str | None = None
    at: float


class ExperimentChanged(CatalogEvent, frozen=True, kw_only=True):
    """All of it or, if the name is another experiment's, nothing. None leaves a property as it is.

    The four events that follow say a part of it each; nothing writes them any more, older logs hold them.
    """

    experiment_id: str
    name: str | None = None
    description: str | None = None
    archived: bool | None = None


class ExperimentRenamed(CatalogEvent, frozen=True, kw_only=True):
    experiment_id: str
    name: str


class ExperimentDescribed(CatalogEvent, frozen=True, kw_only=True):
    experiment_id: str
    description: str


class ExperimentArchived(CatalogEvent, frozen=True, kw_only=True):
    experiment_id: str


class ExperimentUnarchived(CatalogEvent, frozen=True, kw_only=True):
    experiment_id: str


class ExperimentDeleted(CatalogEvent, frozen=True, kw_only=True):
    """It goes with its notes, and its name is free. Its runs stay: their id of it means nothing from now on."""

    experiment_id: str
