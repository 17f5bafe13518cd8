"""Content of apps, reports and notes of experiments lies in the blob store as long as somebody is shown it."""

import pytest
from tests.unit.command_api.housekeeper.house import BEGAN, House, house

from contracts.events import (
    AppDeleted,
    AppSaved,
    ExperimentCreated,
    ExperimentDeleted,
    ExperimentNoteAdded,
    ExperimentNoteDeleted,
    ExperimentNoteEdited,
    ReportDeleted,
    ReportSaved,
)
from contracts.keys import shared_blob_key
from contracts.tables import APP_STATES
from contracts.trees import StoredValue, set_aside
from stores.errors import StoreUnavailable

DAY = 86_400.0


async def stored(place: House, text: str) -> StoredValue:
    """As the command side does, before any event names it."""
    claim, data = set_aside(text)
    await place.blobs.put(shared_blob_key(claim.hash), data)
    return claim


async def left_after(place: House, seconds: float) -> set[str]:
    place.now += seconds
    await place.projector.caught_up(10)
    place.keeper = place.started()
    await place.keeper.round()
    return set(place.blobs.stored)


def keys(*claims: StoredValue) -> set[str]:
    return {shared_blob_key(claim.hash) for claim in claims}


async def test_what_an_app_or_a_report_has_stays_and_goes_with_the_last_of_them() -> None:
    async with house() as place:
        state, code, both = [await stored(place, text) for text in ("state", "code", "both")]
        await place.write_catalog(
            AppSaved(app_id="a", new=True, kind="metrics", state=state, at=BEGAN),
            AppSaved(app_id="b", new=True, kind="metrics", state=both, at=BEGAN),
            ReportSaved(report_id="r", new=True, name="n", code=code, at=BEGAN),
            ReportSaved(report_id="s", new=True, name="n", code=both, at=BEGAN),
            ReportSaved(report_id="small", new=True, name="n", code="in the event", at=BEGAN),
        )
        assert await left_after(place, DAY + 1) == keys(state, code, both)
        await place.write_catalog(AppDeleted(app_id="b"), ReportDeleted(report_id="r"))
        assert await left_after(place, 1) == keys(state, both)
        await place.write_catalog(AppDeleted(app_id="a"), ReportDeleted(report_id="s"))
        assert await left_after(place, 1) == set()


async def test_what_was_saved_anew_frees_what_was_there_before() -> None:
    async with house() as place:
        first, second = await stored(place, "first"), await stored(place, "second")
        await place.write_catalog(
            AppSaved(app_id="a", new=True, kind="metrics", state=first, at=BEGAN),
            AppSaved(app_id="a", state=second, at=BEGAN),
            AppSaved(app_id="a", kind="params", at=BEGAN),
        )
        assert await left_after(place, DAY + 1) == keys(second)


async def test_what_a_note_of_an_experiment_says_stays_and_goes_with_it() -> None:
    async with house() as place:
        kept, edited, deleted, both = [await stored(place, text) for text in ("kept", "edited", "deleted", "both")]
        named = {"kept": kept, "edited": edited, "deleted": deleted, "both": both, "small": "in the event"}
        await place.write_catalog(
            ExperimentCreated(experiment_id="e", name="e", at=BEGAN),
            ExperimentCreated(experiment_id="f", name="f", at=BEGAN),
            *(ExperimentNoteAdded(experiment_id="e", note_id=id, content=text, at=BEGAN) for id, text in named.items()),
            ExperimentNoteAdded(experiment_id="f", note_id="of another", content=both, at=BEGAN),
        )
        assert await left_after(place, DAY + 1) == keys(kept, edited, deleted, both)
        await place.write_catalog(
            ExperimentNoteEdited(experiment_id="e", note_id="edited", content="another", at=BEGAN),
            ExperimentNoteDeleted(experiment_id="e", note_id="deleted"),
        )
        assert await left_after(place, 1) == keys(kept, both)
        await place.write_catalog(ExperimentDeleted(experiment_id="e"))
        assert await left_after(place, 1) == keys(both)


async def test_what_was_stored_within_a_day_may_be_named_by_a_request_that_is_on_its_way() -> None:
    async with house() as place:
        early = await stored(place, "early")
        assert await left_after(place, DAY) == keys(early)
        again = await stored(place, "early")
        assert await left_after(place, DAY) == keys(again)
        assert await left_after(place, 1) == set()


async def test_views_that_were_switched_meanwhile_are_not_believed() -> None:
    """The version that was asked may have been dropped before it answered."""
    async with house() as place:
        state = await stored(place, "state")
        await place.write_catalog(AppSaved(app_id="a", new=True, kind="metrics", state=state, at=BEGAN))
        await place.projector.caught_up(10)
        place.switches_views_while_blobs_are_listed(APP_STATES)
        place.now += DAY + 1
        with pytest.raises(StoreUnavailable):
            await place.keeper.round()
        assert set(place.blobs.stored) == keys(state)
