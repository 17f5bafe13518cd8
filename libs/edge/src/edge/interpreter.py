"""How the interpreter of a server divides its time."""

import gc
import sys

_YOUNG, _MIDDLE, _OLD = 20_000, 20, 20
_TURN_SECONDS = 0.0005


def spare_collector() -> None:
    """Look for garbage in cycles less often. Call when everything that lives as long as the process is there.

    A server that takes 2,000 frames a second spent an eighth of its time in the collector, 0.1 s at a stretch in which
    nobody was answered (November 2026): it looked through all modules and routes again and again. Those are set apart
    here; what requests leave behind goes by its count of references, hardly ever in cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)


def take_short_turns() -> None:
    """For a process whose event loop shares the interpreter with threads that compute.

    The loop and the log's thread let go of the interpreter at each call of the system and want it back at once; while
    the projector folds they wait a turn each time, some twenty times for one answer. A turn is 5 ms otherwise.
    """
    sys.setswitchinterval(_TURN_SECONDS)
