"""What all runs share, as the catalog's rules need it: the documents themselves, found by id and by name."""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from contracts.read_models import Alias, App, Dashboard, Experiment, ExperimentNote, PinnedSequences, Report, Tag

Kind = Literal["experiment", "tag"]


class CatalogState(msgspec.Struct, frozen=True, kw_only=True):
    """Never changed in place, its dicts neither. Names are unique within their kind, archived entries included.

    aliases: by the id that came second; their targets are there. experiment_ids, tag_ids: by name. dashboards: archived
    ones too.
    """

    experiments: dict[str, Experiment] = {}
    experiment_notes: dict[str, ExperimentNote] = {}
    tags: dict[str, Tag] = {}
    aliases: dict[str, Alias] = {}
    pinned: PinnedSequences | None = None
    experiment_ids: dict[str, str] = {}
    tag_ids: dict[str, str] = {}
    dashboards: dict[str, Dashboard] = {}
    apps: dict[str, App] = {}
    reports: dict[str, Report] = {}

    @classmethod
    def from_documents(
        cls,
        experiments: Iterable[Experiment] = (),
        tags: Iterable[Tag] = (),
        aliases: Iterable[Alias] = (),
        pinned: PinnedSequences | None = None,
        experiment_notes: Iterable[ExperimentNote] = (),
        dashboards: Iterable[Dashboard] = (),
        apps: Iterable[App] = (),
        reports: Iterable[Report] = (),
    ) -> "CatalogState":
        """The state whose documents these are; their order does not matter."""
        by_age = sorted(experiments, key=lambda entry: entry.position)
        tags_by_age = sorted(tags, key=lambda entry: entry.position)
        return cls(
            experiments={entry.id: entry for entry in by_age},
            experiment_notes={note.id: note for note in experiment_notes},
            tags={entry.id: entry for entry in tags_by_age},
            aliases={alias.id: alias for alias in sorted(aliases, key=lambda alias: alias.version)},
            pinned=pinned,
            experiment_ids={entry.name: entry.id for entry in by_age},
            tag_ids={entry.name: entry.id for entry in tags_by_age},
            dashboards={one.id: one for one in dashboards},
            apps={one.id: one for one in apps},
            reports={one.id: one for one in reports},
        )

    def resolve(self, kind: Kind, entity_id: str) -> str | None:
        """The id that counts, aliases followed; None for an id that the catalog does not know."""
        entries: Mapping[str, Experiment | Tag] = self.experiments if kind == "experiment" else self.tags
        alias = self.aliases.get(entity_id)
        target = alias.target if alias is not None and alias.kind == kind else entity_id
        return target if target in entries else None
