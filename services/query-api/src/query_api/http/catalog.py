"""Rows 41 to 60 that read: experiments and tags."""

from typing import Annotated

from litestar import get
from litestar.params import FromPath, QueryParameter

from contracts.rest.catalog_reads import ExperimentActivity, ExperimentItem, ExperimentRuns, TaggedRuns, TagItem
from contracts.rest.notes import Note, NoteContent
from query_api.http.dependencies import FromTimezone, FromViews
from query_api.http.streams import JsonStream, json_stream
from query_api.queries import experiment_notes, experiments, tags
from query_api.streaming.notes_json import notes_json

_NamePart = Annotated[str, QueryParameter(description="part of the name, in any case; empty for all")]


@get("/experiments", operation_id="ListExperiments", tags=["experiments"])
async def list_experiments(reads: FromViews) -> list[ExperimentItem]:
    """All experiments in creation order, archived ones included."""
    return await experiments.list_experiments(reads)


@get("/experiments/search", operation_id="SearchExperiments", tags=["experiments"])
async def search_experiments(reads: FromViews, q: _NamePart = "") -> list[ExperimentItem]:
    """Experiments by a part of their name, archived ones included."""
    return await experiments.search_experiments(reads, q)


@get("/experiments/{experiment_id:str}", operation_id="GetExperiment", tags=["experiments"])
async def get_experiment(reads: FromViews, experiment_id: FromPath[str]) -> ExperimentItem:
    """One experiment."""
    return await experiments.get_experiment(reads, experiment_id)


@get("/experiments/{experiment_id:str}/runs", operation_id="GetExperimentRuns", tags=["experiments"])
async def get_experiment_runs(
    reads: FromViews,
    experiment_id: FromPath[str],
    limit: Annotated[int, QueryParameter(description="0 is no limit")] = 0,
    offset: Annotated[str, QueryParameter(description="id of the run after which the page begins")] = "",
) -> ExperimentRuns:
    """Runs of one experiment, the newest first, archived ones included."""
    return await experiments.experiment_runs(reads, experiment_id, limit, offset)


@get("/experiments/{experiment_id:str}/activity", operation_id="GetExperimentActivity", tags=["experiments"])
async def get_experiment_activity(
    reads: FromViews, experiment_id: FromPath[str], timezone: FromTimezone
) -> ExperimentActivity:
    """Counts of the experiment's runs, and how many began in which hour of the caller's zone."""
    return await experiments.experiment_activity(reads, experiment_id, timezone)


@get("/experiments/{experiment_id:str}/note", operation_id="GetExperimentNotes", tags=["experiments"])
async def get_experiment_notes(reads: FromViews, experiment_id: FromPath[str]) -> JsonStream[list[Note]]:
    """Notes of one experiment, the most recently updated first."""
    return json_stream(notes_json(await experiment_notes.experiment_notes(reads, experiment_id)))


@get("/experiments/{experiment_id:str}/note/{note_id:str}", operation_id="GetExperimentNote", tags=["experiments"])
async def get_experiment_note(reads: FromViews, experiment_id: FromPath[str], note_id: FromPath[str]) -> NoteContent:
    """One note of one experiment."""
    return await experiment_notes.experiment_note(reads, experiment_id, note_id)


@get("/tags", operation_id="ListTags", tags=["tags"])
async def list_tags(reads: FromViews) -> list[TagItem]:
    """All tags in creation order, archived ones included."""
    return await tags.list_tags(reads)


@get("/tags/search", operation_id="SearchTags", tags=["tags"])
async def search_tags(reads: FromViews, q: _NamePart = "") -> list[TagItem]:
    """Tags by a part of their name, archived ones included."""
    return await tags.search_tags(reads, q)


@get("/tags/{tag_id:str}", operation_id="GetTag", tags=["tags"])
async def get_tag(reads: FromViews, tag_id: FromPath[str]) -> TagItem:
    """One tag."""
    return await tags.get_tag(reads, tag_id)


@get("/tags/{tag_id:str}/runs", operation_id="GetTagRuns", tags=["tags"])
async def get_tag_runs(reads: FromViews, tag_id: FromPath[str]) -> TaggedRuns:
    """Runs that have one tag, the newest first, archived ones included."""
    return await tags.tag_runs(reads, tag_id)


HANDLERS = (
    list_experiments,
    search_experiments,
    get_experiment,
    get_experiment_runs,
    get_experiment_activity,
    get_experiment_notes,
    get_experiment_note,
    list_tags,
    search_tags,
    get_tag,
    get_tag_runs,
)
