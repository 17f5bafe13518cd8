"""The rules find what they are for: each forged trace breaks one of them."""

from pathlib import Path

import pytest
from tests.faults.durable_order import answer_faults, checkpoint_faults, new_parts, unsynced
from tests.faults.traces import read_trace

LOG = Path("/d/events.sqlite-wal")
DOCUMENTS = Path("/d/documents.sqlite-wal")
TABLE = Path("/d/columns/store/0/t")
NEW = f"{TABLE}/" + "tmp_insert_all_1_1_0"

GOOD_ANSWER = [
    '1 pwrite64(3</d/events.sqlite-wal>, "..run-1..", 9, 0) = 9',
    '1 pwrite64(3</d/events.sqlite-wal>, "commit", 6, 9) = 6',
    "1 fdatasync(3</d/events.sqlite-wal>) = 0",
    '2 write(4<socket:[1]>, "HTTP/1.1 200 OK token-1", 9) = 9',
]
GOOD_CHECKPOINT = [
    f'1 write(5<{NEW}/data.bin>, "rows", 4) = 4',
    f"1 fdatasync(5<{NEW}/data.bin>) = 0",
    f'1 rename("{NEW}/", "{TABLE}/all_1_1_0/") = 0',
    f"1 fdatasync(6<{TABLE}/all_1_1_0>) = 0",
    '1 pwrite64(7</d/documents.sqlite-wal>, "..tallybook.runs..", 9, 0) = 9',
    "1 fdatasync(7</d/documents.sqlite-wal>) = 0",
]


def swapped(lines: list[str], one: int, other: int) -> list[str]:
    forged = list(lines)
    forged[one], forged[other] = forged[other], forged[one]
    return forged


def faults_of_answer(lines: list[str]) -> list[str]:
    return answer_faults(read_trace(lines), LOG, "run-1", "token-1")


def faults_of_checkpoint(lines: list[str]) -> list[str]:
    return checkpoint_faults(read_trace(lines), TABLE, DOCUMENTS, "tallybook.runs")


def test_written_synced_answered_is_right() -> None:
    assert faults_of_answer(GOOD_ANSWER) == []


@pytest.mark.parametrize(
    "forged",
    [
        swapped(GOOD_ANSWER, 2, 3),
        swapped(GOOD_ANSWER, 0, 2),
        swapped(GOOD_ANSWER, 0, 3),
        [line for line in GOOD_ANSWER if "fdatasync" not in line],
        [line.replace("= 0", "= -1 EIO (Input/output error)") for line in GOOD_ANSWER],
        [line.replace("fdatasync(3</d/events", "fdatasync(3</d/documents") for line in GOOD_ANSWER],
    ],
    ids=["answered, then synced", "synced, then written", "all late", "never synced", "sync failed", "another file"],
)
def test_an_answer_without_a_sync_before_it_is_found(forged: list[str]) -> None:
    assert faults_of_answer(forged) == ["run-1 was answered before events.sqlite-wal was synced"]


def test_an_answer_that_leaves_during_the_sync_is_found() -> None:
    forged = [
        GOOD_ANSWER[0],
        "1 fdatasync(3</d/events.sqlite-wal> <unfinished ...>",
        GOOD_ANSWER[3],
        "1 <... fdatasync resumed>) = 0",
    ]
    assert len(faults_of_answer(forged)) == 1


def test_a_request_that_is_not_in_the_trace_proves_nothing() -> None:
    assert faults_of_answer(GOOD_ANSWER[3:]) == ["run-1 was never written to events.sqlite-wal"]
    assert faults_of_answer(GOOD_ANSWER[:3]) == ["run-1 was never answered"]


def test_rows_synced_and_named_before_the_checkpoint_are_right() -> None:
    assert faults_of_checkpoint(GOOD_CHECKPOINT) == []
    assert new_parts(read_trace(GOOD_CHECKPOINT), TABLE, (-1, 4)) == [f"{TABLE}/all_1_1_0"]


@pytest.mark.parametrize(
    ("forged", "missing"),
    [
        (swapped(GOOD_CHECKPOINT, 1, 4), "data.bin was synced"),
        (swapped(GOOD_CHECKPOINT, 3, 4), "the name"),
        (swapped(GOOD_CHECKPOINT, 2, 3), "the name"),
        ([line for line in GOOD_CHECKPOINT if "rename" not in line], "had its name"),
        ([line for line in GOOD_CHECKPOINT if "data.bin>)" not in line], "data.bin was synced"),
    ],
    ids=["rows late", "name late", "name synced before it was given", "no name", "rows never synced"],
)
def test_a_checkpoint_before_its_rows_is_found(forged: list[str], missing: str) -> None:
    assert any(missing in fault for fault in faults_of_checkpoint(forged))


def test_other_documents_may_be_written_at_any_time() -> None:
    lease = '9 pwrite64(7</d/documents.sqlite-wal>, "..lease..", 9, 0) = 9'
    assert faults_of_checkpoint([GOOD_CHECKPOINT[0], lease, *GOOD_CHECKPOINT[1:]]) == []


def test_a_write_after_the_last_sync_is_unsynced() -> None:
    calls = read_trace([*GOOD_CHECKPOINT, GOOD_CHECKPOINT[4]])
    assert [call.began for call in unsynced(calls, DOCUMENTS)] == [6]
    assert unsynced(calls, DOCUMENTS, before=6) == []
    assert [call.began for call in unsynced(calls, DOCUMENTS, before=5)] == [4]
