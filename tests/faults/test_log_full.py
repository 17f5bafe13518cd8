"""The disk is full under the log: writers get 503 with Retry-After, nothing is half written, space brings it back."""

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from tests.faults.calling import Answer, Connection
from tests.faults.ingestion import Request, Sent, next_series
from tests.faults.judging import findings
from tests.faults.product import running
from tests.faults.reading_back import held_of, params_of
from tests.faults.space import Space, limited_files, small_disk
from tests.servers.java import REPOSITORY

_CLIENT = "ada"
_RUN = "full"
_POINTS = 2_000
_REFUSED = 5
_MOST_REQUESTS = 400
_BACK_SECONDS = 60.0

Opens = Callable[[Path], AbstractContextManager[Space]]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("opens", [small_disk, limited_files], ids=["full disk", "file size limit"])
@pytest.mark.parametrize("killed", [False, True], ids=["goes on", "killed while full"])
def test_a_full_log_refuses_what_it_cannot_keep_and_keeps_the_rest(opens: Opens, killed: bool, tmp_path: Path) -> None:
    with opens(tmp_path) as space:
        product = space.product
        with running(product):
            client = _Client(product.port)
            try:
                for _ in range(5):
                    assert client.send().status == 200
                client.wait_until_visible()
                space.take()
                client.send_until_refused()
                client.assert_can_read()
                if killed:
                    product.process.kill()
                space.give_back()
                if killed:
                    client.close()  # a new connection to the new process
                    product.process.start()
                client.send_until_taken()
                for _ in range(5):
                    assert client.send().status == 200
                client.wait_until_visible()
                client.assert_all_is_right()
            finally:
                client.close()
        _assert_views_follow_from_the_log(space)


class _Client:
    def __init__(self, port: int) -> None:
        self._connection = Connection(port)
        self._sent: list[Sent] = []

    def close(self) -> None:
        self._connection.close()

    def send(self) -> Answer:
        """The next request, once. Its answer is 200, or 503 with Retry-After."""
        request = Request(_CLIENT, len(self._sent), _RUN, _POINTS, "columns")
        path, headers = f"/api/v1/ingest/runs/{_RUN}", {"Content-Type": request.content_type}
        answer = self._connection.call("POST", path, request.body(), headers)
        if answer.status == 200:
            self._sent.append(Sent(request, "acknowledged"))
            return answer
        assert answer.status == 503, answer
        assert int(answer.headers["retry-after"]) > 0
        self._sent.append(Sent(request, "refused"))
        return answer

    def send_until_refused(self) -> None:
        refused = 0
        for _ in range(_MOST_REQUESTS):
            refused += self.send().status == 503
            if refused == _REFUSED:
                return
        pytest.fail(f"{_MOST_REQUESTS} requests found room")

    def send_until_taken(self) -> None:
        deadline = time.monotonic() + _BACK_SECONDS
        while self.send().status != 200:
            assert time.monotonic() < deadline, f"refused for {_BACK_SECONDS:g} s although there is space"
            time.sleep(0.2)

    def assert_can_read(self) -> None:
        """Readers are served whatever the log says to writers."""
        wanted = [{"name": next_series(_CLIENT), "context": {}}]
        answer = self._connection.post(f"/runs/{_RUN}/metric/get-batch/", wanted, record_density=-1)
        assert answer.status == 200, answer
        assert len(answer.json()[0]["values"]) >= 5 * _POINTS
        assert self._connection.call("GET", "/health/live").status == 200

    def wait_until_visible(self) -> None:
        last = max(each.request.number for each in self._sent if each.fate == "acknowledged")
        deadline = time.monotonic() + _BACK_SECONDS
        while last not in params_of(self._connection, _RUN, _CLIENT):
            assert time.monotonic() < deadline, f"request {last} is not shown within {_BACK_SECONDS:g} s"
            time.sleep(0.1)

    def assert_all_is_right(self) -> None:
        assert findings(self._sent, held_of(self._connection, _RUN, _CLIENT)) == []


def _assert_views_follow_from_the_log(space: Space) -> None:
    compared = subprocess.run(
        [*space.around, sys.executable, "-m", "tests.faults.compare_views", space.product.data],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert compared.returncode == 0, compared.stdout + compared.stderr
