"""A client in a thread of its own, which writes until it is told to stop, whatever happens to the server."""

import random
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence

from tests.faults.changes import Told

RETRY_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 0.03
_END_SECONDS = 120.0


class Client(ABC):
    """surprises: answers that no rule allows, and whatever ended the thread."""

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self.surprises: list[str] = []
        self._chance = random.Random(f"{seed}/{name}")
        self._stop = threading.Event()
        self._abandoned = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    @abstractmethod
    def told(self) -> Sequence[Told]:
        """All that was sent, in its order, and what came of it."""

    @property
    def acknowledged_messages(self) -> int:
        return sum(each.change.messages for each in self.told if each.fate == "acknowledged")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish what is under way (the server must run), then end."""
        self._stop.set()
        self._thread.join(_END_SECONDS)
        assert not self._thread.is_alive(), f"{self.name} did not end within {_END_SECONDS:g} s"

    def abandon(self) -> None:
        """End soon, whatever becomes of what is under way."""
        self._stop.set()
        self._abandoned.set()

    def __str__(self) -> str:
        return f"{self.name}: {dict(Counter(each.fate for each in self.told))}"

    @abstractmethod
    def _write(self) -> None:
        """The next request, until its fate is known."""

    @abstractmethod
    def _close(self) -> None:
        """Let go of connections."""

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._write()
                self._stop.wait(self._chance.uniform(0, _LONGEST_PAUSE_SECONDS))
        except Exception as error:  # noqa: BLE001 - a thread's error would go nowhere; the test looks at the list
            self.surprises.append(f"{self.name} ended: {error!r}")
        finally:
            self._close()


def stop_all(clients: Sequence[Client]) -> None:
    for client in clients:
        client.stop()


def abandon_all(clients: Sequence[Client]) -> None:
    for client in clients:
        client.abandon()
