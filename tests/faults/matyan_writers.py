"""A client that speaks matyan-client's protocol on the wire, and so knows what was acknowledged."""

import json
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

from tests.faults.calling import ANSWER_SECONDS, Connection, NoAnswer, NotSent
from tests.faults.changes import Fate, Told
from tests.faults.matyan_frames import Frame, Round, Upload, begin, finish
from tests.faults.writing import RETRY_SECONDS, Client
from tests.servers.ports import HOST
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect

_ROUNDS = 12
"""Of one session, which ends with `finish_run`. Every other session goes on with the run of the one before it."""
_MOST_IN_FLIGHT = 4
"""Frames; matyan-client waits for each answer. More of them are with the server when it dies."""


class MatyanWriter(Client):
    """As the client does: frames that a broken connection leaves open are not sent again, neither are uploads."""

    def __init__(self, name: str, port: int, seed: int) -> None:
        super().__init__(name, seed)
        self._port = port
        self._http = Connection(port)
        self._socket: ClientConnection | None = None
        self._open = ExitStack()
        self._told: list[Told] = []
        self._sessions = 0
        self._rounds = 0
        self._steps = 0

    @property
    def told(self) -> list[Told]:
        return self._told

    @property
    def run_id(self) -> str:
        """Of the session that goes on."""
        return f"{self.name}-{(self._sessions - 1) // 2}"

    def _write(self) -> None:
        if self._rounds == 0:
            self._begin()
        count = self._chance.randint(1, _MOST_IN_FLIGHT)
        rounds = [self._round(place) for place in range(count)]
        self._rounds += count
        self._steps += count
        self._send([each.frame() for each in rounds])
        fates = [each.fate for each in self._told[-count:]]
        for each, fate in zip(rounds, fates, strict=True):
            for upload in each.uploads:
                self._bring(upload, fate)
        if self._rounds >= _ROUNDS:
            self._send([finish(self.run_id, len(self._told))])
            self._leave()
            self._rounds = 0

    def _round(self, place: int) -> Round:
        """Lines begin again with each session, as those of a new process; steps go on."""
        number = len(self._told) + place
        return Round(self.name, self.run_id, number, self._steps + place, self._rounds + place)

    def _begin(self) -> None:
        """A client is told when its run cannot be begun; then it tries again."""
        self._sessions += 1
        if self._sessions % 2:
            self._steps = 0
        while not self._abandoned.is_set():
            self._send([begin(self.run_id, len(self._told), resume=self._sessions % 2 == 0)])
            if self._told[-1].fate == "acknowledged":
                return

    def _send(self, frames: Sequence[Frame]) -> None:
        socket = self._connected(frames[0].run_id)
        fates: list[Fate] = []
        if socket is not None:
            try:
                for frame in frames:
                    socket.send(frame.text)
                # What was answered before the connection broke stays in the list.
                fates.extend(self._fate(frame, str(socket.recv(ANSWER_SECONDS))) for frame in frames)
            except (ConnectionClosed, OSError) as error:
                if isinstance(error, TimeoutError):
                    self.surprises.append(f"{self.name}: no answer within {ANSWER_SECONDS:g} s")
                self._leave()
        fates += ["unknown"] * (len(frames) - len(fates))
        self._told += [Told(frame.change, fate) for frame, fate in zip(frames, fates, strict=True)]

    def _fate(self, frame: Frame, answer: str) -> Fate:
        if json.loads(answer) == {"status": "ok", "error": None}:
            return "acknowledged"
        # An error says "not in time": it is no promise that the frame is not there.
        self.surprises.append(f"{self.name}: {answer} for {frame.text[:200]}")
        return "unknown"

    def _connected(self, run_id: str) -> ClientConnection | None:
        """None once the writer was abandoned."""
        while self._socket is None and not self._abandoned.is_set():
            try:
                self._socket = self._open.enter_context(
                    connect(
                        f"ws://{HOST}:{self._port}/api/v1/ws/runs/{run_id}",
                        compression=None,
                        proxy=None,
                        close_timeout=1,
                        open_timeout=ANSWER_SECONDS,
                    )
                )
            except (OSError, EOFError, InvalidHandshake, ConnectionClosed):
                time.sleep(RETRY_SECONDS)
        return self._socket

    def _bring(self, upload: Upload, named: Fate) -> None:
        """Upload and announce. named: what became of the frame with the object that shows the bytes."""
        taken = self._upload(upload)
        if upload.kind is not None:
            fate: Fate = "acknowledged" if taken and named == "acknowledged" else "unknown"
            self._told.append(Told(upload.arrived(self.run_id), fate))
        if taken:
            self._send([upload.announced(self.run_id)])

    def _upload(self, upload: Upload) -> bool:
        """Whether the server said that it took the bytes; it may have taken them otherwise, too."""
        wanted = {"run_id": self.run_id, "artifact_path": upload.path, "content_type": "application/octet-stream"}
        with suppress(NotSent, NoAnswer):
            permit = self._http.post("/artifacts/presign", wanted)
            if permit.status != 200:
                self.surprises.append(f"{self.name}: {permit}")
                return False
            answer = self._http.call("PUT", urlsplit(permit.json()["upload_url"]).path, upload.content)
            if answer.status != 204:
                self.surprises.append(f"{self.name}: {answer}")
            return answer.status == 204
        return False

    def _leave(self) -> None:
        self._open.close()
        self._socket = None

    def _close(self) -> None:
        self._leave()
        self._http.close()
