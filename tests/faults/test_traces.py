"""Lines of strace become calls with a beginning and an end."""

import pytest
from tests.faults.traces import BadTrace, read_trace


def test_a_whole_line_is_a_call() -> None:
    (call,) = read_trace(['77 pwrite64(9</data/events.sqlite-wal>, "7\\177\\6\\202", 32, 0) = 32\n'])
    assert (call.thread, call.name, call.path) == (77, "pwrite64", "/data/events.sqlite-wal")
    assert (call.began, call.ended, call.result) == (0, 0, 32)
    assert call.text == '9</data/events.sqlite-wal>, "7\\177\\6\\202", 32, 0'
    assert call.writes
    assert not call.syncs


def test_a_call_that_others_interrupt_ends_where_it_is_resumed() -> None:
    sync, write = read_trace(
        [
            "1 fdatasync(3</a> <unfinished ...>",
            '2 write(4<socket:[9]>, "x", 1 <unfinished ...>',
            "1 <... fdatasync resumed>)          = 0",
            "2 <... write resumed>)              = 1",
        ]
    )
    assert (sync.path, sync.began, sync.ended) == ("/a", 0, 2)
    assert sync.syncs
    assert (write.path, write.began, write.ended) == ("socket:[9]", 1, 3)
    assert write.text == '4<socket:[9]>, "x", 1'


def test_what_stands_in_quotes_ends_no_call() -> None:
    (call,) = read_trace([r'1 write(4<socket:[9]>, "a) = 7 \"<unfinished ...>", 19) = 19'])
    assert (call.result, call.ended) == (19, 0)


def test_a_failed_sync_is_none() -> None:
    (call,) = read_trace(["1 fsync(3</a>) = -1 EIO (Input/output error)"])
    assert call.result == -1
    assert not call.syncs


@pytest.mark.parametrize(
    "line",
    [
        '1 rename("/x/old/", "/x/new/") = 0',
        '1 renameat(AT_FDCWD</y>, "/x/old", AT_FDCWD</y>, "/x/new") = 0',
        '1 renameat2(5</x>, "old", 6</x>, "new", RENAME_NOREPLACE) = 0',
    ],
)
def test_every_rename_has_two_paths(line: str) -> None:
    (call,) = read_trace([line])
    assert call.renamed == ("/x/old", "/x/new")


def test_a_rename_that_failed_changed_nothing() -> None:
    (call,) = read_trace(['1 rename("/a", "/b") = -1 ENOENT (No such file or directory)'])
    assert call.renamed is None


def test_sockets_with_addresses_keep_their_whole_path() -> None:
    (call,) = read_trace(['1 sendto(4<TCP:[127.0.0.1:1->127.0.0.1:2]>, "x", 1, 0, NULL, 0) = 1'])
    assert call.path == "TCP:[127.0.0.1:1->127.0.0.1:2]"


def test_a_call_that_the_process_died_in_has_no_end() -> None:
    dying, cut = read_trace(
        ["1 fdatasync(3</a> <unfinished ...>", "1 <... fdatasync resumed>) = ?", '2 write(4</b>, "x"', "+++ killed"][:3]
    )
    assert (dying.ended, dying.result) == (None, None)
    assert not dying.syncs
    assert cut.ended is None


def test_ends_of_threads_and_signals_are_no_calls() -> None:
    assert read_trace(["1 +++ exited with 0 +++", "1 --- SIGCHLD {si_signo=SIGCHLD} ---"]) == []


@pytest.mark.parametrize("line", ["no thread", "1 not a call", "1 <... fsync resumed>) = 0"])
def test_other_lines_are_refused(line: str) -> None:
    with pytest.raises(BadTrace):
        read_trace([line])
