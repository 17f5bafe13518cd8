"""No room under the log or the blobs while matyan-client's protocol writes: it waits, says so once, and loses nothing.

A WebSocket has no status 503: its answer comes when there is room again, or after 40 s as one error.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.faults.calling import ANSWER_SECONDS, Answer, Connection
from tests.faults.changes import Fate, Told, file_label
from tests.faults.judging import item_findings, property_findings
from tests.faults.matyan_frames import Frame, Round, Upload
from tests.faults.product import Product, running
from tests.faults.reading_back import items_of, properties_of, wait_until_shown
from tests.faults.space import small_disk, small_disk_of_blobs
from tests.servers.ports import HOST
from websockets.sync.client import ClientConnection, connect

_RUN = "full"
_OK = {"status": "ok", "error": None}
_SOON_SECONDS = 3.0
"""An answer that does not come by then waits for room."""
_MOST_FRAMES = 400


class _Wire:
    """Sends frame after frame and knows which were acknowledged."""

    def __init__(self, socket: ClientConnection, connection: Connection) -> None:
        self._socket = socket
        self._connection = connection
        self._told: list[Told] = []
        self._frames: list[Frame] = []

    def send(self, frame: Frame | None = None) -> None:
        number = len(self._frames)
        frame = Round("ada", _RUN, number, number, number).frame() if frame is None else frame
        self._frames.append(frame)
        self._socket.send(frame.text)

    def answer(self, seconds: float = ANSWER_SECONDS) -> Any:
        """Raises TimeoutError while there is none."""
        found = json.loads(self._socket.recv(seconds))
        self.note(self._frames[-1], "acknowledged" if found == _OK else "unknown")
        return found

    def note(self, frame: Frame, fate: Fate) -> None:
        self._told.append(Told(frame.change, fate))

    def send_until_it_waits(self) -> Frame:
        for _ in range(_MOST_FRAMES):
            self.send()
            try:
                assert self.answer(_SOON_SECONDS) == _OK
            except TimeoutError:
                return self._frames[-1]
        raise AssertionError(f"{_MOST_FRAMES} frames found room")

    def assert_served(self) -> None:
        """Who waits is not left alone: pings are answered, and so are readers."""
        assert self._socket.ping().wait(ANSWER_SECONDS)
        assert self._connection.get(f"/runs/{_RUN}/info/").status == 200

    def assert_changes_are_refused(self) -> None:
        """By REST, which has a status for it."""
        answer = self._connection.post(f"/runs/{_RUN}/tags/new/", {"tag_name": "refused"})
        assert answer.status == 503, answer
        assert int(answer.headers["retry-after"]) > 0

    def assert_nothing_more_is_said(self) -> None:
        with pytest.raises(TimeoutError):
            self._socket.recv(1)

    def assert_all_is_there_once(self) -> None:
        self._connection.close()  # idle for long: the server has ended it
        wait_until_shown(self._connection, _RUN)
        assert item_findings(self._told, items_of(self._connection, _RUN)) == []
        assert property_findings(self._told, properties_of(self._connection, _RUN)) == []


@contextmanager
def _wire(product: Product) -> Iterator[_Wire]:
    address = f"ws://{HOST}:{product.ingest_port}/api/v1/ws/runs/{_RUN}"
    connection = Connection(product.port)
    try:
        with connect(address, compression=None, proxy=None, close_timeout=5) as socket:
            yield _Wire(socket, connection)
    finally:
        connection.close()


@pytest.mark.timeout(300)
def test_frames_wait_for_room_under_the_log_and_are_told_when_there_is_none(tmp_path: Path) -> None:
    with small_disk(tmp_path) as space, running(space.product), _wire(space.product) as wire:
        for _ in range(3):
            wire.send()
            assert wire.answer() == _OK
        space.take()
        wire.send_until_it_waits()
        wire.assert_served()
        wire.assert_changes_are_refused()
        space.give_back()
        assert wire.answer() == _OK

        space.take()
        late = wire.send_until_it_waits()
        assert wire.answer(2 * ANSWER_SECONDS)["status"] == "error"
        wire.assert_nothing_more_is_said()
        space.give_back()
        wire.send(late)
        assert wire.answer() == _OK
        wire.send()
        assert wire.answer() == _OK
        wire.assert_all_is_there_once()


@pytest.mark.timeout(300)
def test_without_room_for_blobs_what_needs_none_goes_on(tmp_path: Path) -> None:
    with small_disk_of_blobs(tmp_path) as space, running(space.product), _wire(space.product) as wire:
        connection = Connection(space.product.port)
        upload = Upload("ada", 1, "model.bin", None)
        wire.send()  # with a large text, which is set aside
        assert wire.answer() == _OK
        assert _put(connection, upload).status == 204

        space.take()
        newer = Upload("ada", 2, "model.bin", None)
        for answer in (_put(connection, newer), _large_text(connection)):
            assert answer.status == 503, answer
            assert int(answer.headers["retry-after"]) > 0
        wire.send()  # without anything large
        assert wire.answer() == _OK
        wire.send(_with_large_text())
        with pytest.raises(TimeoutError):
            wire.answer(_SOON_SECONDS)
        wire.assert_served()
        space.give_back()
        assert wire.answer() == _OK

        announced = upload.announced(_RUN)
        wire.send(announced)
        assert wire.answer() == _OK
        wire.assert_all_is_there_once()  # the upload that was refused left the one before it as it was
        assert _put(connection, newer).status == 204
        assert _large_text(connection).status == 200
        wait_until_shown(connection, "native")
        assert file_label(newer.path, newer.content) in items_of(connection, _RUN)
        connection.close()


def _with_large_text() -> Frame:
    """The twentieth round has one."""
    return Round("ada", _RUN, 20, 20, 20).frame()


def _put(connection: Connection, upload: Upload) -> Answer:
    wanted = {"run_id": _RUN, "artifact_path": upload.path, "content_type": "application/octet-stream"}
    permit = connection.post("/artifacts/presign", wanted)
    assert permit.status == 200, permit
    return connection.call("PUT", urlsplit(permit.json()["upload_url"]).path, upload.content)


def _large_text(connection: Connection) -> Answer:
    value = {"type": "text", "data": "x" * (300 << 10)}
    message = {"type": "log_custom_object", "name": "t", "value": value, "step": 0, "dtype": "text"}
    body = json.dumps([message]).encode()
    return connection.call("POST", "/api/v1/ingest/runs/native", body, {"Content-Type": "application/json"})
