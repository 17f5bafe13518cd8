"""Free TCP ports on loopback, below the range that the system gives to outgoing connections."""

import atexit
import functools
import random
import socket
from collections.abc import Sequence

HOST = "127.0.0.1"

# The system takes ports of outgoing connections from 32768 (Linux) or 49152 (macOS) upwards; below them a port that
# was free a moment ago is only taken by someone who asks for it. Servers that derive ports from one find them above
# this range.
_FIRST, _LAST = 10_000, 19_599
_BAND = 600  # ports of one process of tests
_TRIES = 200
_handed_out: set[int] = set()
_random = random.Random()


def free_port(*, neighbours: Sequence[int] = ()) -> int:
    """A port that nobody listens on, never given twice by this process, nor by another one while this one lives.

    `neighbours` are distances to further ports that must be free as well, for servers that derive ports from one.
    """
    band = _own_band()
    for _ in range(_TRIES):
        port = _random.choice(band)
        wanted = {port, *(port + distance for distance in neighbours)}
        if not wanted & _handed_out and all(map(_is_free, wanted)):
            _handed_out.update(wanted)
            return port
    raise RuntimeError(f"no free port between {band[0]} and {band[-1]} in {_TRIES} tries")


def accepts_connections(port: int) -> bool:
    """Whether somebody listens on the port of loopback."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


@functools.cache
def _own_band() -> range:
    """Ports that no other process of tests gives out: several run at once, and a server that was killed or has not
    started yet does not hold its port. The port before the band is bound for as long as this process lives.
    """
    for first in range(_FIRST, _LAST, _BAND):
        guard = socket.socket()
        try:
            guard.bind((HOST, first))
        except OSError:
            guard.close()
            continue
        atexit.register(guard.close)
        return range(first + 1, first + _BAND)
    raise RuntimeError(f"others hold every band of ports between {_FIRST} and {_LAST}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
