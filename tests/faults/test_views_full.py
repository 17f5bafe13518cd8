"""The disk is full under the views: ingestion goes on, readiness tells, and with space they catch up by themselves."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import pytest
from tests.faults.calling import Connection
from tests.faults.ingestion import Request, Sent, next_series
from tests.faults.judging import findings
from tests.faults.product import Product, product_in, running
from tests.faults.reading_back import held_of, params_of
from tests.faults.space import SmallDisk, small_disk
from tests.servers.java import REPOSITORY

_CLIENT = "ada"
_RUN = "full"
_POINTS = 2_000
_MOST_REQUESTS = 400
_BACK_SECONDS = 90.0

Part = Literal["documents", "columns"]
FILES: dict[Part, str] = {"documents": "documents.sqlite*", "columns": "columns"}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", ["documents", "columns"])
@pytest.mark.parametrize("killed", [False, True], ids=["goes on", "killed while full"])
def test_ingestion_goes_on_while_the_views_are_full_and_they_catch_up(part: Part, killed: bool, tmp_path: Path) -> None:
    with small_disk(tmp_path) as disk:
        beside = tmp_path / "beside"
        beside.mkdir()
        product = product_in(beside, around=disk.around)
        with running(product):
            """Makes its folder."""
        move_to_disk(product, disk, part)
        with running(product):
            client = Client(product.port)
            try:
                client.send(5)
                client.wait_until_shown()
                disk.take()
                client.send_until(client.is_degraded)
                client.send(10)
                client.assert_can_read()
                assert client.is_degraded()
                if killed:
                    product.process.kill()
                disk.give_back()
                if killed:
                    client.close()  # a new connection to the new process
                    product.process.start()
                client.wait(lambda: client.readiness()[0] == 200, "it is not ready although there is space")
                client.send(5)
                client.wait_until_shown()
                client.assert_all_is_right()
            finally:
                client.close()
        assert_views_follow_from_the_log(product, disk.around)


def move_to_disk(product: Product, disk: SmallDisk, part: Part) -> None:
    """One store of the folder lies on the small disk from now on; the log and the other store have all space."""
    script = 'for each in $1; do mv "$each" "$2/" && ln -s "$2/$each" "$each"; done'
    place = disk.product.data.parent
    moved = [*disk.around, "sh", "-c", f'cd "$3" && {script}', "sh", FILES[part], str(place), str(product.data)]
    subprocess.run(moved, check=True, capture_output=True, timeout=60)


class Client:
    """Writes one run, one request after another; every request must be taken."""

    def __init__(self, port: int) -> None:
        self._connection = Connection(port)
        self._sent: list[Sent] = []

    def close(self) -> None:
        self._connection.close()

    def send(self, count: int) -> None:
        for _ in range(count):
            request = Request(_CLIENT, len(self._sent), _RUN, _POINTS, "columns")
            path, headers = f"/api/v1/ingest/runs/{_RUN}", {"Content-Type": request.content_type}
            answer = self._connection.call("POST", path, request.body(), headers)
            assert answer.status == 200, answer
            self._sent.append(Sent(request, "acknowledged"))

    def send_until(self, holds: Callable[[], bool]) -> None:
        for _ in range(_MOST_REQUESTS):
            self.send(1)
            if holds():
                return
        pytest.fail(f"{_MOST_REQUESTS} requests found room")

    def readiness(self) -> tuple[int, dict[str, str]]:
        answer = self._connection.call("GET", "/health/ready")
        checks: dict[str, str] = answer.json()["checks"]
        return answer.status, checks

    def is_degraded(self) -> bool:
        """Whether readiness says that the views are not written, and that nothing else is wrong."""
        status, checks = self.readiness()
        if status == 200:
            return False
        wrong = {name: text for name, text in checks.items() if text != "ok"}
        assert status == 503
        assert set(wrong) == {"projector"}, wrong
        assert "the views are not written" in wrong["projector"]
        return True

    def assert_can_read(self) -> None:
        """Readers are served what the views held."""
        wanted = [{"name": next_series(_CLIENT), "context": {}}]
        answer = self._connection.post(f"/runs/{_RUN}/metric/get-batch/", wanted, record_density=-1)
        assert answer.status == 200, answer
        assert len(answer.json()[0]["values"]) >= 5 * _POINTS
        assert self._connection.call("GET", "/health/live").status == 200

    def wait_until_shown(self) -> None:
        last = self._sent[-1].request.number
        self.wait(lambda: last in params_of(self._connection, _RUN, _CLIENT), f"request {last} is not shown")

    def wait(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _BACK_SECONDS
        while not holds():
            assert time.monotonic() < deadline, f"{what} within {_BACK_SECONDS:g} s"
            time.sleep(0.1)

    def assert_all_is_right(self) -> None:
        assert findings(self._sent, held_of(self._connection, _RUN, _CLIENT)) == []


def assert_views_follow_from_the_log(product: Product, around: Sequence[str | Path]) -> None:
    compared = subprocess.run(
        [*around, sys.executable, "-m", "tests.faults.compare_views", product.data],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert compared.returncode == 0, compared.stdout + compared.stderr
