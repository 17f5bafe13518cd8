"""Places at which a fake fails, chosen by the test."""

from collections.abc import Callable


class Crash(BaseException):
    """The process dies here: nothing that runs afterwards may tidy up what is stored."""


class Faults:
    """Counts the places that were reached, and raises at those that a test named."""

    def __init__(self) -> None:
        self.reached: list[str] = []
        self._planned: dict[int, Callable[[], BaseException]] = {}

    def fail_at(self, index: int, error: Callable[[], BaseException] = Crash) -> None:
        """Raise at the place with this index in `reached`, once."""
        self._planned[index] = error

    def fail_next(self, error: Callable[[], BaseException], times: int = 1) -> None:
        """Raise at the next places."""
        for offset in range(times):
            self.fail_at(len(self.reached) + offset, error)

    def recover(self) -> None:
        """Nothing that was planned fails any more."""
        self._planned.clear()

    def reach(self, place: str) -> None:
        self.reached.append(place)
        error = self._planned.pop(len(self.reached) - 1, None)
        if error is not None:
            raise error()
