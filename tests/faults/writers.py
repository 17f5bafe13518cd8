"""Clients that write until they are told to stop, whatever happens to the server, and remember what came of it."""

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.faults.calling import Answer, Connection, NoAnswer, NotSent
from tests.faults.ingestion import Fate, Form, Request, Sent

SHARED_RUN = "shared"
_RETRY_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 0.03
_END_SECONDS = 120.0


@dataclass(frozen=True)
class Habits:
    """named: sends an Idempotency-Key, and a request that nobody answered again until somebody does.

    points: of a usual request. large: of every tenth one.
    """

    client: str
    form: Form
    named: bool
    points: int
    large: int


class Writer:
    """One client in a thread of its own: every other request for the run that all share, the others for its own run."""

    def __init__(self, habits: Habits, port: int, seed: int) -> None:
        self.habits = habits
        self.sent: list[Sent] = []
        self.repeated = 0
        self.surprises: list[str] = []
        """Answers that no rule allows, and whatever ended the thread."""
        self._chance = random.Random(f"{seed}/{habits.client}")
        self._connection = Connection(port)
        self._stop = threading.Event()
        self._abandoned = threading.Event()
        self._thread = threading.Thread(target=self._run, name=habits.client, daemon=True)

    @property
    def own_run(self) -> str:
        return f"run-{self.habits.client}"

    def sent_for(self, run_id: str) -> list[Sent]:
        return [each for each in self.sent if each.request.run_id == run_id]

    @property
    def acknowledged(self) -> int:
        return sum(each.fate == "acknowledged" for each in self.sent)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish the request that is under way (the server must run), then end."""
        self._stop.set()
        self._thread.join(_END_SECONDS)
        assert not self._thread.is_alive(), f"{self.habits.client} did not end within {_END_SECONDS:g} s"

    def abandon(self) -> None:
        """End soon, whatever becomes of the request that is under way."""
        self._stop.set()
        self._abandoned.set()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                request = self._request(len(self.sent))
                self.sent.append(Sent(request, self._deliver(request)))
                self._stop.wait(self._chance.uniform(0, _LONGEST_PAUSE_SECONDS))
        except Exception as error:  # noqa: BLE001 - a thread's error would go nowhere; the test looks at the list
            self.surprises.append(f"{self.habits.client} ended: {error!r}")
        finally:
            self._connection.close()

    def _request(self, number: int) -> Request:
        habits = self.habits
        return Request(
            client=habits.client,
            number=number,
            run_id=SHARED_RUN if number % 2 else self.own_run,
            points=habits.large if number % 10 == 9 else habits.points,
            form=habits.form,
        )

    def _deliver(self, request: Request) -> Fate:
        """Until its fate is known; without a name the first broken connection leaves it open for ever."""
        headers = {"Content-Type": request.content_type}
        if self.habits.named:
            headers["Idempotency-Key"] = f"{request.client}-{request.number}"
        body, path = request.body(), f"/api/v1/ingest/runs/{request.run_id}"
        unanswered = 0
        while not self._abandoned.is_set():
            try:
                answer = self._connection.call("POST", path, body, headers)
            except NotSent:
                time.sleep(_RETRY_SECONDS)
            except NoAnswer:
                if not self.habits.named:
                    return "unknown"
                unanswered += 1
            else:
                self.repeated += unanswered > 0
                return self._fate(request, answer)
        return "unknown"

    def _fate(self, request: Request, answer: Answer) -> Fate:
        if answer.status == 200:
            told = answer.json()
            if told["accepted"] != len(request.messages()) or told["rejected"]:
                self.surprises.append(f"{request.client} {request.number}: {told}")
            return "acknowledged"
        if answer.status != 503 or "retry-after" not in answer.headers:
            self.surprises.append(f"{request.client} {request.number}: {answer}")
        return "refused"


def stop_all(writers: Sequence[Writer]) -> None:
    for writer in writers:
        writer.stop()


def abandon_all(writers: Sequence[Writer]) -> None:
    for writer in writers:
        writer.abandon()
