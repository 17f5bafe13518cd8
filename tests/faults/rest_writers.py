"""A user who changes runs by REST while their clients write."""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from tests.faults.calling import Connection, NoAnswer, NotSent
from tests.faults.changes import CATALOG, Change, Fate, Told, label
from tests.faults.writing import RETRY_SECONDS, Client


class RestWriter(Client):
    """Does not repeat what nobody answered: a user would look first. runs: those that there may be."""

    def __init__(self, name: str, port: int, seed: int, runs: Callable[[], Sequence[str]]) -> None:
        super().__init__(name, seed)
        self._connection = Connection(port)
        self._runs = runs
        self._told: list[Told] = []

    @property
    def told(self) -> list[Told]:
        return self._told

    def _write(self) -> None:
        run_id = self._chance.choice(self._runs())
        text = f"{self.name} {len(self._told)}"
        match len(self._told) % 4:
            case 0:
                change = Change(run_id, frozenset({label("note", text)}))
                self._change("POST", f"/runs/{run_id}/note/", {"content": text}, change)
            case 1:
                change = Change(run_id, sets={"name": text})
                self._change("PUT", f"/runs/{run_id}/", {"name": text}, change)
            case 2:
                tag = f"{self.name} {len(self._told) % 5}"
                change = Change(run_id, frozenset({label("tag", tag)}))
                self._change("POST", f"/runs/{run_id}/tags/new/", {"tag_name": tag}, change)
            case _:
                change = Change(CATALOG, frozenset({label("experiment", text)}))
                self._change("POST", "/experiments/", {"name": text}, change)

    def _close(self) -> None:
        self._connection.close()

    def _change(self, method: str, path: str, body: dict[str, Any], change: Change) -> None:
        self._told.append(Told(change, self._fate(method, path, json.dumps(body).encode())))

    def _fate(self, method: str, path: str, body: bytes) -> Fate:
        while not self._abandoned.is_set():
            try:
                answer = self._connection.call(
                    method, f"/api/v1/rest{path}", body, {"Content-Type": "application/json"}
                )
            except NotSent:
                time.sleep(RETRY_SECONDS)
                continue
            except NoAnswer:
                return "unknown"
            if answer.status in {200, 201}:
                return "acknowledged"
            # No run yet, or no room: both say that nothing was written.
            if answer.status != 404 and (answer.status != 503 or "retry-after" not in answer.headers):
                self.surprises.append(f"{self.name}: {answer}")
            return "refused"
        return "unknown"
