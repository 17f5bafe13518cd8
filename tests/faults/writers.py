"""Clients of the native endpoint."""

import time
from dataclasses import dataclass

from tests.faults.calling import Answer, Connection, NoAnswer, NotSent
from tests.faults.changes import Fate, Told
from tests.faults.ingestion import Form, Request, Sent
from tests.faults.writing import RETRY_SECONDS, Client

SHARED_RUN = "shared"


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


class Writer(Client):
    """Every other request for the run that all share, the others for its own run."""

    def __init__(self, habits: Habits, port: int, seed: int) -> None:
        super().__init__(habits.client, seed)
        self.habits = habits
        self.sent: list[Sent] = []
        self.repeated = 0
        self._connection = Connection(port)

    @property
    def own_run(self) -> str:
        return f"run-{self.habits.client}"

    @property
    def told(self) -> list[Told]:
        return [Told(each.request.change, each.fate) for each in self.sent]

    def sent_for(self, run_id: str) -> list[Sent]:
        return [each for each in self.sent if each.request.run_id == run_id]

    def __str__(self) -> str:
        return f"{super().__str__()}, {self.repeated} sent again"

    def _write(self) -> None:
        request = self._request(len(self.sent))
        self.sent.append(Sent(request, self._deliver(request)))

    def _close(self) -> None:
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
                time.sleep(RETRY_SECONDS)
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
