"""The rules of the order in which bytes become durable, asked of a trace; each answers with what breaks it."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.faults.traces import Call

_NEW_PART = re.compile(r".*/tmp_insert_[^/]+")


def answer_faults(calls: Sequence[Call], log: Path, written: str, answered: str) -> list[str]:
    """An answer that left before the log held its request for good.

    written: what only this request's records have, as strace shows it. answered: what only its answer has.
    """
    first = next((call for call in calls if call.writes and call.path == str(log) and written in call.text), None)
    if first is None:
        return [f"{written} was never written to {log.name}"]
    answer = next((call for call in calls if call.writes and "socket" in call.path and answered in call.text), None)
    if answer is None:
        return [f"{written} was never answered"]
    # A transaction's pages are all written before its sync, so the first sync that begins after one of them has all.
    sync = next((call for call in calls if call.syncs and call.path == str(log) and _after(call, first)), None)
    if sync is None or not _after(answer, sync):
        return [f"{written} was answered before {log.name} was synced"]
    return []


def checkpoint_faults(calls: Sequence[Call], table: Path, documents: Path, mark: str) -> list[str]:
    """A checkpoint that was written while rows it may vouch for were not durable.

    table: its folder. mark: what every transaction that moves a checkpoint writes, and nothing else that may be written
    while rows are.
    """
    faults: list[str] = []
    for checkpoint in calls:
        if checkpoint.writes and checkpoint.path == str(documents) and mark in checkpoint.text:
            faults += [
                f"{documents.name} got a checkpoint at {checkpoint.began} before {fault}"
                for fault in _unfinished_parts(calls, table, checkpoint.began)
            ]
    return faults


def unsynced(calls: Sequence[Call], path: Path, before: int | None = None) -> list[Call]:
    """Writes to one file that no sync followed until the place `before`, or ever."""
    known = [call for call in calls if call.path == str(path) and (before is None or call.began < before)]
    syncs = [call for call in known if call.syncs and (before is None or _ended_by(call, before))]
    return [call for call in known if call.writes and not any(_after(sync, call) for sync in syncs)]


def new_parts(calls: Sequence[Call], table: Path, between: tuple[int, int]) -> list[str]:
    """The final paths of the parts that inserts finished in that stretch of the trace."""
    start, stop = between
    return [new for call, _, new in _named_parts(calls, table) if start < call.began < stop]


def _unfinished_parts(calls: Sequence[Call], table: Path, at: int) -> Iterator[str]:
    """Parts of inserts that began before `at` and were not durable then: a file, the part's name, or both."""
    earlier = [call for call in calls if call.began < at]
    named = {old: (call, new) for call, old, new in _named_parts(earlier, table)}
    written = {path.rpartition("/")[0] for path in _part_files(earlier, table)}
    for folder in sorted(written | named.keys()):
        for path in sorted({path for path in _part_files(earlier, table) if path.rpartition("/")[0] == folder}):
            if unsynced(earlier, Path(path), at):
                yield f"{path} was synced"
        if folder not in named:
            yield f"{folder} had its name"
            continue
        rename, new = named[folder]
        # The folder of the part itself is synced, not the one above it: the file systems that we run on write the
        # rename down with either.
        syncs = (call for call in earlier if call.syncs and call.path in {new, new.rpartition("/")[0]})
        if not any(_after(sync, rename) and _ended_by(sync, at) for sync in syncs):
            yield f"the name {new} was synced"


def _named_parts(calls: Sequence[Call], table: Path) -> Iterator[tuple[Call, str, str]]:
    for call in calls:
        renamed = call.renamed
        if renamed is not None and renamed[0].startswith(f"{table}/") and _NEW_PART.fullmatch(renamed[0]):
            yield call, *renamed


def _part_files(calls: Sequence[Call], table: Path) -> Iterator[str]:
    for call in calls:
        folder = call.path.rpartition("/")[0]
        if call.writes and folder.startswith(f"{table}/") and _NEW_PART.fullmatch(folder):
            yield call.path


def _after(later: Call, earlier: Call) -> bool:
    """Whether one call began when the other had ended."""
    return earlier.ended is not None and earlier.ended < later.began


def _ended_by(call: Call, place: int) -> bool:
    return call.ended is not None and call.ended < place
