"""An answer leaves after the log is synced, and a checkpoint is written after its columns are: seen in system calls."""

import json
import os
import re
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.faults.calling import Connection
from tests.faults.durable_order import answer_faults, checkpoint_faults, new_parts, unsynced
from tests.faults.product import Product, product_in, running
from tests.faults.traces import SYSTEM_CALLS, Call, read_trace
from tests.servers.requirements import missing, require_tool

from contracts.tables import ViewNames
from contracts.topics import RUNS

_ONE_BY_ONE = 6
_CLIENTS = 4
_EACH = 5
_PAGE_BYTES = 4096  # of SQLite: what one write holds at most
_VISIBLE_SECONDS = 30.0


@dataclass(frozen=True)
class Answered:
    """An acknowledged request, by what it alone has in its records and in its answer."""

    run_id: str
    token: str

    @property
    def in_answer(self) -> str:
        return rf"{self.token}\r\n"  # the header's line ends there: no token is taken for the beginning of another


@dataclass(frozen=True)
class Traced:
    """points: the folder of the live table.

    one_by_one: requests of one client that waited until its points could be read. at_once: of several clients.
    """

    calls: Sequence[Call]
    product: Product
    points: Path
    one_by_one: Sequence[Answered]
    at_once: Sequence[Answered]

    @property
    def log(self) -> Path:
        return _write_ahead(self.product.log_file)

    @property
    def documents(self) -> Path:
        return _write_ahead(self.product.documents_file)


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traced]:
    if sys.platform != "linux":
        raise missing("strace is there for Linux alone")
    options = ["-f", "-y", "--seccomp-bpf", "-e", "signal=none", "-s", str(_PAGE_BYTES), "-e", f"trace={SYSTEM_CALLS}"]
    how_to_get = "on Debian: apt-get install strace; a container must allow ptrace"
    strace = require_tool(["strace"], how_to_get, try_with=[*options, "-o", os.devnull, "true"])
    folder = tmp_path_factory.mktemp("sync-order").resolve()  # strace shows paths without links
    trace = folder / "trace"
    product = product_in(folder, around=[strace, *options, "-o", trace, "--"])
    with running(product):
        one_by_one = [_send_and_see(product, f"alone-{number:02}") for number in range(_ONE_BY_ONE)]
        at_once = _send_at_once(product)
    with trace.open(errors="replace") as lines:
        yield Traced(read_trace(lines), product, _folder_of_points(product), one_by_one, at_once)


def test_no_answer_leaves_before_its_request_is_synced(traced: Traced) -> None:
    for each in (*traced.one_by_one, *traced.at_once):
        assert answer_faults(traced.calls, traced.log, each.run_id, each.in_answer) == []


def test_when_an_answer_leaves_nothing_of_the_log_waits_for_a_sync(traced: Traced) -> None:
    """Of one client alone: others' records may be on their way while one is answered."""
    for each in traced.one_by_one:
        answer = next(call for call in traced.calls if "socket" in call.path and each.in_answer in call.text)
        assert unsynced(traced.calls, traced.log, before=answer.began) == []


def test_no_checkpoint_is_written_before_its_columns_are_synced(traced: Traced) -> None:
    checkpoints = [call for call in traced.calls if call.path == str(traced.documents) and RUNS in call.text]
    assert len(checkpoints) >= _ONE_BY_ONE
    assert checkpoint_faults(traced.calls, traced.points, traced.documents, RUNS) == []


def test_every_checkpoint_vouches_for_new_columns_and_is_synced(traced: Traced) -> None:
    ends = [_first_write(traced, traced.log, each) for each in traced.one_by_one[1:]]
    for each, end in zip(traced.one_by_one, ends, strict=False):
        logged, shown = (_first_write(traced, path, each) for path in (traced.log, traced.documents))
        assert len(new_parts(traced.calls, traced.points, (logged, shown))) == 1
        # Readers saw the documents before the next request was sent, so they must have been durable by then.
        assert unsynced(traced.calls, traced.documents, before=end) == []
    assert unsynced(traced.calls, traced.documents) == []
    assert unsynced(traced.calls, traced.log) == []


def test_the_check_fails_on_the_real_trace_with_its_syncs_too_late(traced: Traced) -> None:
    """The same calls, but every sync of the log and of the columns is put off to the end of the trace."""
    late = [call for call in traced.calls if call.syncs and call.path != str(traced.documents)]
    forged = [call for call in traced.calls if call not in late]
    place = 1 + max(call.began for call in traced.calls)
    forged += [
        Call(call.thread, call.name, call.path, call.text, place + n, place + n, 0) for n, call in enumerate(late)
    ]
    one = traced.one_by_one[0]
    assert answer_faults(forged, traced.log, one.run_id, one.in_answer) != []
    assert checkpoint_faults(forged, traced.points, traced.documents, RUNS) != []


def _send(connection: Connection, run_id: str) -> Answered:
    points = [{"type": "log_metric", "name": "loss", "value": step / 2, "step": step} for step in range(5)]
    content = {"Content-Type": "application/json"}
    answer = connection.call("POST", f"/api/v1/ingest/runs/{run_id}", json.dumps(points).encode(), content)
    assert answer.status == 200, answer
    return Answered(run_id, answer.headers["x-tallybook-position"])


def _send_and_see(product: Product, run_id: str) -> Answered:
    connection = Connection(product.port)
    try:
        answered = _send(connection, run_id)
        deadline = time.monotonic() + _VISIBLE_SECONDS
        wanted = [{"name": "loss", "context": {}}]
        while connection.post(f"/runs/{run_id}/metric/get-batch/", wanted, record_density=-1).status != 200:
            assert time.monotonic() < deadline, f"{run_id} is not shown"
            time.sleep(0.05)
        return answered
    finally:
        connection.close()


def _send_at_once(product: Product) -> list[Answered]:
    answered: list[Answered] = []

    def send(client: int) -> None:
        connection = Connection(product.ingest_port)
        answered.extend(_send(connection, f"crowd-{client}-{number:02}") for number in range(_EACH))
        connection.close()

    threads = [threading.Thread(target=send, args=(client,), daemon=True) for client in range(_CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_VISIBLE_SECONDS)
    assert len(answered) == _CLIENTS * _EACH
    return answered


def _folder_of_points(product: Product) -> Path:
    """Other tables, such as the one that warms the engine up, need no syncs."""
    (definition,) = product.columns_folder.glob(f"store/*/*/{ViewNames(1).points}.sql")
    found = re.search(r"UUID '([0-9a-f-]+)'", definition.read_text())
    assert found is not None
    return product.columns_folder / "store" / found[1][:3] / found[1]


def _first_write(traced: Traced, path: Path, each: Answered) -> int:
    return next(
        call.began for call in traced.calls if call.writes and call.path == str(path) and each.run_id in call.text
    )


def _write_ahead(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")
