"""Names of everything that views are stored in, and which fields are indexed.

Each name carries the version of its view: a rebuild writes `runs_v2` beside the live `runs_v1`. Collections that are no
view (`views`, `leases`) carry none and survive every rebuild.
"""

import msgspec


class Index(msgspec.Struct, frozen=True):
    """Fields of the document's top level, in order."""

    fields: tuple[str, ...]


class Collection(msgspec.Struct, frozen=True):
    name: str
    indexes: tuple[Index, ...] = ()


RUN_STATES = Collection("run_states")
RUNS = Collection("runs", (Index(("created_at", "_id")), Index(("experiment_id",)), Index(("active",))))
RUN_SEGMENTS = Collection("run_segments")
RUN_NOTES = Collection("run_notes", (Index(("run_id",)),))
RUN_ARTIFACTS = Collection("run_artifacts", (Index(("run_id", "key")), Index(("place",))))
TRASH = Collection(
    "trash", (Index(("purged_at", "deleted_at")), Index(("tombstone", "purged_at")), Index(("partition", "purge")))
)
EXPERIMENTS = Collection("experiments")
EXPERIMENT_NOTES = Collection("experiment_notes", (Index(("experiment_id",)),))
TAGS = Collection("tags")
ALIASES = Collection("aliases")
SETTINGS = Collection("settings")
DASHBOARDS = Collection("dashboards")
APPS = Collection("apps")
REPORTS = Collection("reports")
APP_STATES = Collection("app_states")
REPORT_CODES = Collection("report_codes")
HISTORY = Collection("history", (Index(("key", "_v")),))

VIEW_COLLECTIONS: tuple[Collection, ...] = (
    RUN_STATES,
    RUNS,
    RUN_SEGMENTS,
    RUN_NOTES,
    RUN_ARTIFACTS,
    TRASH,
    EXPERIMENTS,
    EXPERIMENT_NOTES,
    TAGS,
    ALIASES,
    SETTINGS,
    DASHBOARDS,
    APPS,
    REPORTS,
    APP_STATES,
    REPORT_CODES,
    HISTORY,
)
"""Every collection that a rebuild makes anew."""

VIEWS = Collection("views")
"""One document, LIVE_VIEW, names the live version."""

LEASES = Collection("leases", (Index(("run_id",)), Index(("renewed_at",))))
"""A document (`contracts.read_models.leases`) for each client that is there; free to be lost."""

LIVE_VIEW = "live"
PINNED_SEQUENCES = "pinned_sequences"
"""Id of the settings document that holds the pinned sequences."""

POINTS = "points"
OBJECTS = "objects"
LOG_LINES = "log_lines"
LOG_RECORDS = "log_records"

TABLES = (POINTS, OBJECTS, LOG_LINES, LOG_RECORDS)
"""Every table of columns that a rebuild makes anew."""


class ViewNames(msgspec.Struct, frozen=True):
    """The names of one version of the views."""

    version: int

    @property
    def view(self) -> str:
        """Names the version in checkpoints."""
        return f"v{self.version}"

    def collection(self, collection: Collection) -> str:
        return f"{collection.name}_v{self.version}"

    def table(self, table: str) -> str:
        return f"{table}_v{self.version}"

    @property
    def points(self) -> str:
        return self.table(POINTS)

    @property
    def objects(self) -> str:
        return self.table(OBJECTS)

    @property
    def log_lines(self) -> str:
        return self.table(LOG_LINES)

    @property
    def log_records(self) -> str:
        return self.table(LOG_RECORDS)
