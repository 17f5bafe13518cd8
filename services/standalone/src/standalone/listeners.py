"""Sockets: taken early, so that a port in use is said at once; listened on late, when everything is ready."""

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from standalone.errors import PortInUse, Refused

_LONGEST_SOCKET_PATH = 103
"""Bytes that every system of ours takes (Linux 107, macOS 103)."""


@contextmanager
def tcp_socket(host: str, port: int, option: str) -> Iterator[socket.socket]:
    """A bound TCP socket that does not listen yet; closed when the block ends.

    Raises PortInUse, Refused for an address that is not ours. `option` is named in the message.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise Refused(f"cannot listen on {host}: {error.strerror}") from error
    with socket.socket(family, kind, protocol) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(address)
        except OSError as error:
            raise _refusal(error, host, port, option) from error
        bound.setblocking(False)
        yield bound


@contextmanager
def unix_socket(path: Path) -> Iterator[socket.socket]:
    """A bound Unix socket, for its owner alone; the file is gone when the block ends. Call it as the folder's owner."""
    if len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
        raise Refused(f"{path} is longer than a socket's path may be; name a shorter data folder with --data")
    # Left behind by a process that was killed: nobody else owns the folder, so nobody listens on it.
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as bound:
        bound.bind(os.fspath(path))
        try:
            path.chmod(0o600)
            bound.setblocking(False)
            yield bound
        finally:
            path.unlink(missing_ok=True)


def _refusal(error: OSError, host: str, port: int, option: str) -> Refused:
    if error.errno == errno.EADDRINUSE:
        return PortInUse(f"port {port} of {host} is in use; choose another one with {option}")
    return Refused(f"cannot listen on port {port} of {host}: {error.strerror}")
