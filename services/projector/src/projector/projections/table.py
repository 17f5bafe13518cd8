"""Which views read which event. An event that no view reads says why; the history, which reads all, counts for none."""

from enum import StrEnum

import msgspec

from contracts.events import (
    AppDeleted,
    AppSaved,
    ArtifactAdded,
    DashboardArchived,
    DashboardSaved,
    Event,
    ExperimentArchived,
    ExperimentChanged,
    ExperimentCreated,
    ExperimentDeleted,
    ExperimentDescribed,
    ExperimentNoteAdded,
    ExperimentNoteDeleted,
    ExperimentNoteEdited,
    ExperimentRenamed,
    ExperimentUnarchived,
    LogLinesAppended,
    LogRecordsAppended,
    MetricsTracked,
    ObjectsTracked,
    ParamsDeleted,
    ParamsSet,
    PointsTracked,
    ReportDeleted,
    ReportSaved,
    RunArchived,
    RunCreated,
    RunDeleted,
    RunDescribed,
    RunFinished,
    RunMovedToExperiment,
    RunNoteAdded,
    RunNoteDeleted,
    RunNoteEdited,
    RunPurged,
    RunRenamed,
    RunResumed,
    RunTagged,
    RunUnarchived,
    RunUndeleted,
    RunUntagged,
    SequencesPinned,
    TagChanged,
    TagCreated,
    TagDeleted,
    TombstoneCleared,
)


class View(StrEnum):
    """The modules of this package that make views, by name."""

    RUNS = "runs"
    RUN_SEGMENTS = "run_segments"
    RUN_NOTES = "run_notes"
    RUN_ARTIFACTS = "run_artifacts"
    TRASH = "trash"
    POINTS = "points"
    OBJECTS = "objects"
    LOG_LINES = "log_lines"
    LOG_RECORDS = "log_records"
    CATALOG = "catalog"
    BOARD_CONTENTS = "board_contents"
    HISTORY = "history"


class NoView(msgspec.Struct, frozen=True):
    """Why no view but the history reads an event."""

    reason: str


# An event that clients send may be the first of its run, and then the segments get their openers too.
_BEGINS = (View.RUNS, View.RUN_SEGMENTS)

READ_BY: dict[type[Event], tuple[View, ...] | NoView] = {
    RunCreated: _BEGINS,
    RunResumed: _BEGINS,
    RunFinished: (View.RUNS,),
    RunRenamed: _BEGINS,
    RunDescribed: _BEGINS,
    RunMovedToExperiment: _BEGINS,
    RunArchived: _BEGINS,
    RunUnarchived: _BEGINS,
    RunDeleted: (View.RUNS, View.TRASH),
    RunUndeleted: (View.RUNS, View.TRASH),
    RunPurged: (
        View.RUNS,
        View.RUN_SEGMENTS,
        View.RUN_NOTES,
        View.RUN_ARTIFACTS,
        View.TRASH,
        View.POINTS,
        View.OBJECTS,
        View.LOG_LINES,
        View.LOG_RECORDS,
    ),
    TombstoneCleared: (View.TRASH,),
    ParamsSet: _BEGINS,
    ParamsDeleted: _BEGINS,
    MetricsTracked: (*_BEGINS, View.POINTS),
    PointsTracked: (*_BEGINS, View.POINTS),
    ObjectsTracked: (*_BEGINS, View.OBJECTS),
    LogLinesAppended: (*_BEGINS, View.LOG_LINES),
    LogRecordsAppended: (*_BEGINS, View.LOG_RECORDS),
    ArtifactAdded: (*_BEGINS, View.RUN_ARTIFACTS),
    RunTagged: _BEGINS,
    RunUntagged: _BEGINS,
    RunNoteAdded: (*_BEGINS, View.RUN_NOTES),
    RunNoteEdited: (View.RUN_NOTES,),
    RunNoteDeleted: (View.RUN_NOTES,),
    TagCreated: (View.CATALOG,),
    TagChanged: (View.CATALOG,),
    TagDeleted: (View.CATALOG,),
    ExperimentCreated: (View.CATALOG,),
    ExperimentChanged: (View.CATALOG,),
    ExperimentRenamed: (View.CATALOG,),
    ExperimentDescribed: (View.CATALOG,),
    ExperimentArchived: (View.CATALOG,),
    ExperimentUnarchived: (View.CATALOG,),
    ExperimentDeleted: (View.CATALOG,),
    ExperimentNoteAdded: (View.CATALOG,),
    ExperimentNoteEdited: (View.CATALOG,),
    ExperimentNoteDeleted: (View.CATALOG,),
    SequencesPinned: (View.CATALOG,),
    DashboardSaved: (View.CATALOG,),
    DashboardArchived: (View.CATALOG,),
    AppSaved: (View.CATALOG, View.BOARD_CONTENTS),
    AppDeleted: (View.CATALOG, View.BOARD_CONTENTS),
    ReportSaved: (View.CATALOG, View.BOARD_CONTENTS),
    ReportDeleted: (View.CATALOG, View.BOARD_CONTENTS),
}
