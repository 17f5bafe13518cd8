"""Free TCP ports on loopback, below the range that the system gives to outgoing connections."""

import random
import socket
from collections.abc import Sequence

HOST = "127.0.0.1"

# The system takes ports of outgoing connections from 32768 (Linux) or 49152 (macOS) upwards; below them a port that
# was free a moment ago is only taken by someone who asks for it.
_FIRST, _LAST = 10_000, 21_999
_TRIES = 200
_handed_out: set[int] = set()
_random = random.Random()


def free_port(*, neighbours: Sequence[int] = ()) -> int:
    """A port that nobody listens on, never given twice by this process.

    `neighbours` are distances to further ports that must be free as well, for servers that derive ports from one.
    """
    for _ in range(_TRIES):
        port = _random.randint(_FIRST, _LAST)
        wanted = {port, *(port + distance for distance in neighbours)}
        if not wanted & _handed_out and all(map(_is_free, wanted)):
            _handed_out.update(wanted)
            return port
    raise RuntimeError(f"no free port between {_FIRST} and {_LAST} in {_TRIES} tries")


def accepts_connections(port: int) -> bool:
    """Whether somebody listens on the port of loopback."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
