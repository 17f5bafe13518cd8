"""The product is killed with SIGKILL at random moments while clients write: nothing acknowledged is lost or doubled.

What was never acknowledged may be there or not, but a request's events are there whole or not at all.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from tests.faults.calling import Connection
from tests.faults.judging import findings
from tests.faults.product import Product, product_in, running
from tests.faults.reading_back import held_of, params_of, run_ids, run_info, tag_names
from tests.faults.writers import SHARED_RUN, Habits, Writer, abandon_all, stop_all
from tests.servers.java import REPOSITORY
from tests.servers.process import ServerFailed

_KILLS = 20
_SEED = int(os.environ.get("TALLYBOOK_TEST_SEED") or random.SystemRandom().randrange(1 << 32))
_LONGEST_ROUND_SECONDS = 1.5
_LONGEST_STOP_SECONDS = 0.3
_CATCH_UP_SECONDS = 60.0

_CLIENTS = (
    Habits("json-named", "json", named=True, points=4, large=200),
    Habits("json-plain", "json", named=False, points=4, large=200),
    Habits("columns-named", "columns", named=True, points=100, large=4_000),
    Habits("columns-plain", "columns", named=False, points=100, large=4_000),
)


@pytest.mark.timeout(600)
def test_what_was_acknowledged_survives_twenty_kills(tmp_path: Path) -> None:
    seed = _SEED
    print(f"TALLYBOOK_TEST_SEED={seed}")  # noqa: T201 - shown when the test fails, to repeat it
    chance = random.Random(seed)
    product = product_in(tmp_path)
    with running(product):
        # Half of them on each port; both serve everything.
        ports = (product.port, product.ingest_port)
        writers = [Writer(habits, ports[place % 2], seed) for place, habits in enumerate(_CLIENTS)]
        for writer in writers:
            writer.start()
        try:
            for kill in _kills(chance):
                kill(product, chance)
                product.process.start()
        except BaseException:
            abandon_all(writers)
            raise
        stop_all(writers)
        _assert_all_is_there(product, writers)
    assert list(product.temporary.iterdir()) == [], "killed processes left files outside the data folder"
    _assert_views_follow_from_the_log(product)


def _kills(chance: random.Random) -> Iterator[Callable[[Product, random.Random], None]]:
    kinds = [_kill_while_starting] * 3 + [_kill_while_stopping] * 3
    kinds += [_kill_at_work] * (_KILLS - len(kinds))
    chance.shuffle(kinds)
    yield from kinds


def _kill_at_work(product: Product, chance: random.Random) -> None:
    time.sleep(chance.uniform(0, _LONGEST_ROUND_SECONDS))
    product.process.kill()


def _kill_while_starting(product: Product, chance: random.Random) -> None:
    """A kill at work, and another one before the start after it has come to its end."""
    _kill_at_work(product, chance)
    process = product.process
    patience, process.start_seconds = process.start_seconds, chance.uniform(0.2, 1.2)
    try:
        with suppress(ServerFailed):  # it was not ready so soon: killed
            process.start()
            process.kill()
    finally:
        process.start_seconds = patience


def _kill_while_stopping(product: Product, chance: random.Random) -> None:
    time.sleep(chance.uniform(0, _LONGEST_ROUND_SECONDS))
    os.kill(product.process.pid, signal.SIGTERM)
    time.sleep(chance.uniform(0, _LONGEST_STOP_SECONDS))
    product.process.kill()


def _assert_all_is_there(product: Product, writers: Sequence[Writer]) -> None:
    assert [surprise for writer in writers for surprise in writer.surprises] == []
    for writer in writers:
        assert writer.acknowledged > _KILLS, f"{writer.habits.client} hardly wrote anything"
    connection = Connection(product.port)
    try:
        _wait_until_visible(connection, writers)
        assert sorted(run_ids(connection)) == sorted([SHARED_RUN, *(writer.own_run for writer in writers)])
        for writer in writers:
            for run_id in (writer.own_run, SHARED_RUN):
                held = held_of(connection, run_id, writer.habits.client)
                assert findings(writer.sent_for(run_id), held) == [], f"{writer.habits.client} in {run_id}"
        _assert_tags(connection, writers)
    finally:
        connection.close()
    _tell(writers)


def _wait_until_visible(connection: Connection, writers: Sequence[Writer]) -> None:
    """The views follow the log; the last request of every client in every run is the last to show."""
    deadline = time.monotonic() + _CATCH_UP_SECONDS
    while time.monotonic() < deadline:
        if all(
            _shows_last(connection, writer, run_id) for writer in writers for run_id in (writer.own_run, SHARED_RUN)
        ):
            return
        time.sleep(0.1)
    pytest.fail(f"the views did not show the last acknowledged requests within {_CATCH_UP_SECONDS:g} s")


def _shows_last(connection: Connection, writer: Writer, run_id: str) -> bool:
    last = max(each.request.number for each in writer.sent_for(run_id) if each.fate == "acknowledged")
    return last in params_of(connection, run_id, writer.habits.client)


def _assert_tags(connection: Connection, writers: Sequence[Writer]) -> None:
    """Clients race to make the same few tags by name: one of each, attached once to every run that asked for it."""
    names = Counter(tag_names(connection))
    assert set(names.values()) == {1}, names
    for run_id in {SHARED_RUN, *(writer.own_run for writer in writers)}:
        attached = Counter(tag["name"] for tag in run_info(connection, run_id)["props"]["tags"])
        assert set(attached.values()) <= {1}, (run_id, attached)
        sent = [each for writer in writers for each in writer.sent_for(run_id)]
        asked = {each.request.tag for each in sent if each.fate == "acknowledged" and each.request.tag is not None}
        assert asked <= attached.keys() <= {each.request.tag for each in sent}, run_id


def _assert_views_follow_from_the_log(product: Product) -> None:
    compared = subprocess.run(
        [sys.executable, "-m", "tests.faults.compare_views", product.data],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    print(compared.stdout)  # noqa: T201 - the differences, shown when the test fails
    assert compared.returncode == 0, compared.stdout + compared.stderr


def _tell(writers: Sequence[Writer]) -> None:
    for writer in writers:
        fates = Counter(each.fate for each in writer.sent)
        print(f"{writer.habits.client}: {dict(fates)}, {writer.repeated} sent again")  # noqa: T201 - for whoever looks
