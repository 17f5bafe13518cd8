import pytest
from tests.unit.command_api.support import (
    CALLER,
    NOW,
    RUN,
    Desk,
    Verdict,
    catalog,
    entry,
    experiment,
    run_document,
    tag,
)

from command_api.application.experiments import (
    UpdateExperiment,
    create_experiment,
    delete_experiment,
    update_experiment,
)
from command_api.application.pins import pin_sequences
from command_api.application.tags import (
    CreateTag,
    UpdateTag,
    create_tag,
    delete_tag,
    tag_run,
    untag_run,
    update_tag,
)
from contracts.errors import BadRequest, NotFound
from contracts.events import (
    Event,
    ExperimentChanged,
    ExperimentCreated,
    ExperimentDeleted,
    PinnedSequence,
    RunTagged,
    RunUntagged,
    SequencesPinned,
    TagChanged,
    TagCreated,
    TagDeleted,
)

BEST = tag("t-1", "best")
TAKEN: Verdict = lambda r: entry(r, "ignored", "name taken by w", "bad_request", "w")  # noqa: E731 - a value of a type
GONE: Verdict = lambda r: entry(r, "ignored", "experiment not found", "not_found")  # noqa: E731 - a value of a type


async def test_tagging_attaches_the_tag_of_that_name() -> None:
    desk = Desk([run_document()], catalog([BEST]))
    assert (await tag_run(desk.tools, desk.names, CALLER, RUN, " best ")).id == "t-1"
    assert desk.events == [RunTagged(tag_id="t-1", name="best")]


async def test_tagging_creates_a_missing_tag_and_waits_for_it() -> None:
    desk = Desk([run_document()])
    assert (await tag_run(desk.tools, desk.names, CALLER, RUN, "best")).id == "id-1"
    assert desk.events == [RunTagged(tag_id="id-1", name="best"), TagCreated(tag_id="id-1", name="best")]
    assert desk.outcomes.waited == ["event-1", "event-2"]


async def test_tagging_answers_with_the_winner_where_another_create_came_first() -> None:
    desk = Desk([run_document()])
    desk.outcomes.verdicts[TagCreated] = TAKEN

    def shown(recorded: object) -> None:
        desk.views.known = catalog([tag("w", "best")], aliases={"id-1": "w"})

    desk.outcomes.verdicts[RunTagged] = shown
    assert (await tag_run(desk.tools, desk.names, CALLER, RUN, "best")).id == "w"


@pytest.mark.parametrize("name", ["", "  ", "\n"])
async def test_a_tag_needs_a_name(name: str) -> None:
    desk = Desk([run_document()])
    with pytest.raises(BadRequest):
        await tag_run(desk.tools, desk.names, CALLER, RUN, name)
    with pytest.raises(BadRequest):
        await create_tag(desk.tools, CALLER, CreateTag(name))
    assert desk.events == []


async def test_tagging_an_unknown_run_creates_no_tag() -> None:
    desk = Desk()
    with pytest.raises(NotFound, match=r"Run not found\."):
        await tag_run(desk.tools, desk.names, CALLER, RUN, "best")
    assert desk.events == []


async def test_untagging_removes_every_id_that_stands_for_the_tag() -> None:
    desk = Desk([run_document(tag_ids=["a", "t-2", "t-1"])], catalog([BEST, tag("t-2", "x")], aliases={"a": "t-1"}))
    assert (await untag_run(desk.tools, CALLER, RUN, "a")).removed
    assert desk.events == [RunUntagged(tag_ids=("a", "t-1"))]


async def test_untagging_says_whether_this_removal_was_the_one() -> None:
    desk = Desk([run_document(tag_ids=["t-1"])], catalog([BEST]))
    desk.outcomes.verdicts[RunUntagged] = lambda each: entry(each, "ignored", "duplicate", "conflict")
    removed, decided = await untag_run(desk.tools, CALLER, RUN, "t-1")
    assert not removed
    assert decided is not None
    assert decided.visible
    desk.outcomes.verdicts[RunUntagged] = lambda each: None
    assert (await untag_run(desk.tools, CALLER, RUN, "t-1")).removed, "as the views said"


@pytest.mark.parametrize("tag_id", ["t-2", "unknown"])
async def test_untagging_what_is_not_attached_removes_nothing(tag_id: str) -> None:
    desk = Desk([run_document(tag_ids=["t-1", "unknown"])], catalog([BEST, tag("t-2", "x")]))
    assert await untag_run(desk.tools, CALLER, RUN, tag_id) == (False, None)
    assert desk.events == []


async def test_untagging_an_unknown_run_is_not_found() -> None:
    desk = Desk(known=catalog([BEST]))
    with pytest.raises(NotFound, match=r"Run not found\."):
        await untag_run(desk.tools, CALLER, RUN, "t-1")


async def test_a_tag_is_created_with_trimmed_texts() -> None:
    desk = Desk()
    created = await create_tag(desk.tools, CALLER, CreateTag(" a ", " #fff ", " d "))
    assert created.id == "id-1"
    assert desk.events == [TagCreated(tag_id="id-1", name="a", color="#fff", description="d")]


async def test_empty_colour_and_description_are_none() -> None:
    desk = Desk()
    await create_tag(desk.tools, CALLER, CreateTag("a", "", " "))
    assert desk.events == [TagCreated(tag_id="id-1", name="a")]


async def test_a_taken_tag_name_is_refused_by_the_view_and_by_the_outcome() -> None:
    desk = Desk(known=catalog([BEST]))
    with pytest.raises(BadRequest, match="Tag with name 'best' already exists"):
        await create_tag(desk.tools, CALLER, CreateTag("best"))
    assert desk.events == []
    desk.outcomes.verdicts[TagCreated] = TAKEN
    with pytest.raises(BadRequest, match="Tag with name 'new' already exists"):
        await create_tag(desk.tools, CALLER, CreateTag("new"))


async def test_an_experiment_is_created_with_its_time() -> None:
    desk = Desk()
    assert (await create_experiment(desk.tools, CALLER, " e ")).id == "id-1"
    assert desk.events == [ExperimentCreated(experiment_id="id-1", name="e", at=NOW)]


async def test_a_taken_experiment_name_is_refused_by_the_view_and_by_the_outcome() -> None:
    desk = Desk(known=catalog(experiments=[experiment("e-1", "e")]))
    with pytest.raises(BadRequest, match="Experiment with name 'e' already exists"):
        await create_experiment(desk.tools, CALLER, "e")
    desk.outcomes.verdicts[ExperimentCreated] = TAKEN
    with pytest.raises(BadRequest, match="Experiment with name 'new' already exists"):
        await create_experiment(desk.tools, CALLER, "new")


async def test_an_experiment_needs_a_name() -> None:
    with pytest.raises(BadRequest, match="must not be empty"):
        await create_experiment(Desk().tools, CALLER, " ")


@pytest.mark.parametrize(
    ("command", "event"),
    [
        (UpdateExperiment(name=" n "), ExperimentChanged(experiment_id="e-1", name="n")),
        (UpdateExperiment(name="e"), ExperimentChanged(experiment_id="e-1", name="e")),
        (UpdateExperiment(name=" ", description=" "), ExperimentChanged(experiment_id="e-1", description="")),
        (UpdateExperiment(archived=True), ExperimentChanged(experiment_id="e-1", archived=True)),
        (UpdateExperiment(archived=False), ExperimentChanged(experiment_id="e-1", archived=False)),
    ],
)
async def test_a_change_of_an_experiment_names_what_it_changes(command: UpdateExperiment, event: Event) -> None:
    desk = Desk(known=catalog(experiments=[experiment("e-1", "e")], aliases={"alias": "e-1"}))
    await update_experiment(desk.tools, CALLER, "alias", command)
    assert desk.events == [event]


async def test_changing_nothing_of_an_experiment_writes_nothing() -> None:
    desk = Desk(known=catalog(experiments=[experiment("e-1", "e")]))
    assert await update_experiment(desk.tools, CALLER, "e-1", UpdateExperiment(name="")) is None
    assert desk.events == []


async def test_an_unknown_experiment_is_not_found() -> None:
    desk = Desk()
    with pytest.raises(NotFound, match="Not Found"):
        await update_experiment(desk.tools, CALLER, "e-1", UpdateExperiment(name="n"))


async def test_a_rename_to_the_name_of_another_is_refused_by_the_view_and_by_the_outcome() -> None:
    desk = Desk(known=catalog(experiments=[experiment("e-1", "e"), experiment("e-2", "other")]))
    with pytest.raises(BadRequest, match="Experiment with name 'other' already exists"):
        await update_experiment(desk.tools, CALLER, "e-1", UpdateExperiment(name="other", archived=True))
    assert desk.events == []
    desk.outcomes.verdicts[ExperimentChanged] = TAKEN
    with pytest.raises(BadRequest, match="Experiment with name 'new' already exists"):
        await update_experiment(desk.tools, CALLER, "e-1", UpdateExperiment(name="new", archived=True))
    assert desk.events == [ExperimentChanged(experiment_id="e-1", name="new", archived=True)]


async def test_all_properties_of_an_experiment_change_in_one_request() -> None:
    desk = Desk(known=catalog(experiments=[experiment("e-1", "e")]))
    decided = await update_experiment(desk.tools, CALLER, "e-1", UpdateExperiment("n", "d", True))
    assert decided is not None
    assert decided.visible
    assert desk.events == [ExperimentChanged(experiment_id="e-1", name="n", description="d", archived=True)]
    assert len(desk.outcomes.waited) == 1


async def test_an_experiment_that_was_deleted_meanwhile_is_not_found() -> None:
    desk = Desk(known=catalog(experiments=[experiment("e-1", "e")]))
    desk.outcomes.verdicts[ExperimentChanged] = GONE
    with pytest.raises(NotFound, match="Not Found"):
        await update_experiment(desk.tools, CALLER, "e-1", UpdateExperiment(archived=True))


async def test_an_experiment_is_deleted_by_the_id_that_counts() -> None:
    desk = Desk(known=catalog(experiments=[experiment("e-1", "e")], aliases={"alias": "e-1"}))
    await delete_experiment(desk.tools, CALLER, "alias")
    assert desk.events == [ExperimentDeleted(experiment_id="e-1")]
    with pytest.raises(NotFound, match="Not Found"):
        await delete_experiment(desk.tools, CALLER, "unknown")
    desk.outcomes.verdicts[ExperimentDeleted] = GONE
    with pytest.raises(NotFound, match="Not Found"):
        await delete_experiment(desk.tools, CALLER, "e-1")


@pytest.mark.parametrize(
    ("command", "event"),
    [
        (UpdateTag(name=" n "), TagChanged(tag_id="t-1", name="n")),
        (UpdateTag(name="best"), TagChanged(tag_id="t-1", name="best")),
        (UpdateTag(name=" ", color=" ", description=" d "), TagChanged(tag_id="t-1", color="", description="d")),
        (UpdateTag(archived=False), TagChanged(tag_id="t-1", archived=False)),
    ],
)
async def test_all_that_a_command_changes_of_a_tag_is_one_event(command: UpdateTag, event: Event) -> None:
    desk = Desk(known=catalog([BEST], aliases={"alias": "t-1"}))
    await update_tag(desk.tools, CALLER, "alias", command)
    assert desk.events == [event]


async def test_changing_nothing_of_a_tag_writes_nothing() -> None:
    desk = Desk(known=catalog([BEST]))
    assert await update_tag(desk.tools, CALLER, "t-1", UpdateTag(name=" ")) is None
    assert desk.events == []


async def test_a_tag_is_not_renamed_to_the_name_of_another_by_the_view_and_by_the_outcome() -> None:
    desk = Desk(known=catalog([BEST, tag("t-2", "other")]))
    with pytest.raises(BadRequest, match="Tag with name 'other' already exists"):
        await update_tag(desk.tools, CALLER, "t-1", UpdateTag(name="other", archived=True))
    assert desk.events == []
    desk.outcomes.verdicts[TagChanged] = TAKEN
    with pytest.raises(BadRequest, match="Tag with name 'new' already exists"):
        await update_tag(desk.tools, CALLER, "t-1", UpdateTag(name="new"))


async def test_a_tag_is_deleted_once() -> None:
    desk = Desk(known=catalog([BEST], aliases={"alias": "t-1"}))
    await delete_tag(desk.tools, CALLER, "alias")
    assert desk.events == [TagDeleted(tag_id="t-1")]
    for verdict in (TagDeleted, TagChanged):
        desk.outcomes.verdicts[verdict] = GONE
    with pytest.raises(NotFound, match="Not Found"):
        await delete_tag(desk.tools, CALLER, "t-1")
    with pytest.raises(NotFound, match="Not Found"):
        await update_tag(desk.tools, CALLER, "t-1", UpdateTag(archived=True))


async def test_an_unknown_tag_is_not_found() -> None:
    desk = Desk(known=catalog([BEST]))
    with pytest.raises(NotFound, match="Not Found"):
        await delete_tag(desk.tools, CALLER, "t-2")
    with pytest.raises(NotFound, match="Not Found"):
        await update_tag(desk.tools, CALLER, "t-2", UpdateTag())
    assert desk.events == []


async def test_pins_replace_the_list_and_are_given_back_as_kept() -> None:
    desk = Desk()
    kept, _ = await pin_sequences(desk.tools, CALLER, [PinnedSequence("lo\udc00ss", {"s": "v"})])
    assert kept == [PinnedSequence("lo\ufffdss", {"s": "v"})]
    assert desk.events == [SequencesPinned(sequences=tuple(kept))]
    await pin_sequences(desk.tools, CALLER, [])
    assert desk.events[1] == SequencesPinned(sequences=())
