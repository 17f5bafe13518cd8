import pytest
from tests.unit.command_api.support import CALLER, NOW, RUN, Desk, recorded

from command_api.application.recording import ToAppend, append
from contracts.envelope import Dedupe
from contracts.errors import ValidationFailed
from contracts.events import ParamsSet, RunArchived, RunRenamed, TagCreated
from contracts.topics import CATALOG, CATALOG_KEY, RUNS, partition_for
from stores.errors import LogFull


async def test_a_record_says_who_when_and_in_which_request() -> None:
    desk = Desk()
    await append(desk.tools, CALLER, [ToAppend(RunArchived(), RUN, Dedupe("batch", 3, 1))])
    header = recorded(desk.log)[0].header
    assert (header.key, header.recorded_at, header.actor, header.request_id) == (RUN, NOW, "ada", "request-1")
    assert (header.generation, header.dedupe) == (1, Dedupe("batch", 3, 1))


async def test_events_of_a_run_go_to_the_runs_partition_and_the_catalogs_to_its_own() -> None:
    desk = Desk()
    appended = await append(
        desk.tools, CALLER, [ToAppend(RunArchived(), RUN), ToAppend(TagCreated(tag_id="t", name="n"))]
    )
    assert [(p.topic, p.partition) for p in appended.positions] == [(RUNS, partition_for(RUNS, RUN)), (CATALOG, 0)]
    assert desk.log.records(CATALOG)[0].key == CATALOG_KEY


async def test_one_event_that_is_too_large_keeps_all_of_them_out() -> None:
    desk = Desk()
    large = ToAppend(ParamsSet(path=("a",), value="x" * (1 << 20)), RUN)
    with pytest.raises(ValidationFailed, match="ParamsSet"):
        await append(desk.tools, CALLER, [ToAppend(RunArchived(), RUN), large])
    assert desk.events == []


async def test_many_events_are_encoded_beside_the_loop_and_keep_their_order() -> None:
    desk = Desk()
    names = [str(number) for number in range(300)]
    await append(desk.tools, CALLER, [ToAppend(RunRenamed(name=name), RUN) for name in names])
    assert desk.beside_loop.calls == 1
    assert [event.name for event in desk.events if isinstance(event, RunRenamed)] == names


async def test_a_full_log_is_the_callers_to_hear() -> None:
    desk = Desk()
    desk.faults.fail_next(lambda: LogFull("full"))
    with pytest.raises(LogFull):
        await append(desk.tools, CALLER, [ToAppend(RunArchived(), RUN)])
