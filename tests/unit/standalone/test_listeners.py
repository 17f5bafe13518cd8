import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.servers.ports import HOST, accepts_connections, free_port

from standalone.errors import PortInUse, Refused
from standalone.listeners import tcp_socket, unix_socket


@pytest.fixture
def short_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tb-") as folder:
        yield Path(folder)


def test_port_is_taken_but_nobody_listens_yet() -> None:
    port = free_port()
    with tcp_socket(HOST, port, "--port") as bound:
        assert bound.getsockname() == (HOST, port)
        assert not accepts_connections(port)
        bound.listen()
        assert accepts_connections(port)
    assert not accepts_connections(port)


def test_any_free_port_is_taken_for_zero() -> None:
    with tcp_socket(HOST, 0, "--port") as bound:
        assert bound.getsockname()[1] > 0


def test_port_in_use_is_said_with_the_option_that_helps() -> None:
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        with (
            pytest.raises(PortInUse, match=rf"port {port} of {HOST} is in use.*--ingest-port"),
            tcp_socket(HOST, port, "--ingest-port"),
        ):
            pass


@pytest.mark.parametrize("host", ["no such host.invalid", "192.0.2.1"])
def test_address_that_is_not_ours_is_refused(host: str) -> None:
    with pytest.raises(Refused, match="cannot listen on"), tcp_socket(host, 0, "--port"):
        pass


def test_unix_socket_is_for_its_owner_alone_and_goes_away(short_folder: Path) -> None:
    path = short_folder / "tallybook.sock"
    with unix_socket(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.is_socket()
    assert not path.exists()


def test_unix_socket_of_a_killed_process_is_replaced(short_folder: Path) -> None:
    path = short_folder / "tallybook.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with unix_socket(path) as bound, socket.socket(socket.AF_UNIX) as client:
        bound.listen()
        client.connect(str(path))


def test_path_too_long_for_a_socket_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="shorter data folder"), unix_socket(tmp_path / ("x" * 120)):
        pass
