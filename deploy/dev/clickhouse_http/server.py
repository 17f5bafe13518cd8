"""ClickHouse's HTTP interface over the embedded engine, for development and tests on one machine.

    python deploy/dev/clickhouse_http/server.py --path FOLDER --port PORT

Clients of several processes share one engine, which by itself belongs to one process. It has what clickhouse-connect
uses: queries, native inserts (lz4 or gzip, chunked), parameters, settings, forms, streams, error codes. It has no
sessions, no external data, no users, and it compresses no answer. It listens on loopback only; no service imports it.
"""

import argparse
import json
import logging
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Iterable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

if __name__ == "__main__":  # started by its path: the repository is not on the path then
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from deploy.dev.clickhouse_http.engine import Answer, Engine
from deploy.dev.clickhouse_http.errors import QueryFailed
from deploy.dev.clickhouse_http.statements import Statement, read_statement

_HOST = "127.0.0.1"
_log = logging.getLogger("clickhouse_http")


class Server(ThreadingHTTPServer):
    """One thread per client connection; the engine's pool bounds what runs at once."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, engine: Engine) -> None:
        super().__init__((_HOST, port), Handler)
        self.engine = engine

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves in the middle of an answer is no fault of ours; anything else is shown in full."""
        if isinstance(sys.exception(), ConnectionError):
            _log.info("%s left before its answer ended", client_address)
        else:
            _log.exception("failed while serving %s", client_address)


class Handler(BaseHTTPRequestHandler):
    """Reads one request, runs it, writes the answer; an error leaves the connection usable."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16  # headers and a small body leave together
    server: Server

    def do_GET(self) -> None:
        if urlsplit(self.path).path == "/ping":
            self._answer(HTTPStatus.OK, b"Ok.\n", {"Content-Type": "text/html; charset=UTF-8"})
        else:
            self.do_POST()

    def do_POST(self) -> None:
        body = self._read_body()
        url_query = urlsplit(self.path).query
        self._query_id = parse_qs(url_query).get("query_id", [secrets.token_hex(16)])[0]
        try:
            statement = read_statement(
                url_query, self.headers.get("Content-Type", ""), self.headers.get("Content-Encoding", ""), body
            )
            if statement.streamed:
                self._stream(statement)
            else:
                self._answer_in_one(statement, self.server.engine.run(statement))
        except QueryFailed as failure:
            self._answer_failure(failure)

    def log_message(self, format: str, *args: object) -> None:
        _log.debug(format, *args)

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(self._chunks())
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def _chunks(self) -> Iterable[bytes]:
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():  # trailers, up to the empty line
            pass

    def _answer_in_one(self, statement: Statement, answer: Answer) -> None:
        counted = "written" if statement.rows is not None else "read"
        summary = {
            f"{counted}_rows": str(answer.rows),
            f"{counted}_bytes": str(answer.bytes_counted),
            "elapsed_ns": str(int(answer.elapsed_seconds * 1e9)),
        }
        headers = self._headers_of(statement) | {"X-ClickHouse-Summary": json.dumps(summary)}
        self._answer(HTTPStatus.OK, answer.body, headers)

    def _stream(self, statement: Statement) -> None:
        """Send blocks as they come. A failure before the first is an ordinary error; later it ends the stream."""
        tag = secrets.token_hex(8)
        with self.server.engine.stream(statement) as blocks:
            first = next(blocks, b"")
            headers = self._headers_of(statement) | {"X-ClickHouse-Exception-Tag": tag, "Transfer-Encoding": "chunked"}
            self._start(HTTPStatus.OK, headers)
            try:
                self._send_chunk(first)
                for block in blocks:
                    self._send_chunk(block)
            except QueryFailed as failure:
                _log.info("in mid-stream: %s", failure.text)
                self._send_chunk(_tagged(failure, tag))
            self.wfile.write(b"0\r\n\r\n")
            self.wfile.flush()

    def _send_chunk(self, data: bytes) -> None:
        if data:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
            self.wfile.flush()  # so that a client that has left is seen here, and the query stopped

    def _answer_failure(self, failure: QueryFailed) -> None:
        _log.info("refused: %s", failure.text)
        headers = {"X-ClickHouse-Exception-Code": str(failure.code), "X-ClickHouse-Query-Id": self._query_id}
        self._answer(failure.status, failure.text.encode() + b"\n", headers)

    def _headers_of(self, statement: Statement) -> dict[str, str]:
        headers = {"X-ClickHouse-Query-Id": self._query_id, "X-ClickHouse-Timezone": "UTC"}
        if statement.format is not None:
            headers["X-ClickHouse-Format"] = statement.format
        return headers

    def _answer(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
        self._start(status, headers | {"Content-Length": str(len(body))})
        self.wfile.write(body)
        self.wfile.flush()

    def _start(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


def _tagged(failure: QueryFailed, tag: str) -> bytes:
    """How the server says in the middle of an answer that no more will come."""
    message = failure.text.encode()
    return b"__exception__\r\n%b\r\n%b\n%d %b\r\n__exception__\r\n" % (
        tag.encode(),
        message,
        len(message),
        tag.encode(),
    )


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description="ClickHouse's HTTP interface over the embedded engine.")
    parser.add_argument("--path", type=Path, required=True, help="data folder, made if missing")
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1")
    parser.add_argument("--connections", type=int, default=4, help="statements that may run at once")
    parser.add_argument("--max-threads", type=int, default=2, help="threads of one statement")
    parser.add_argument("--max-memory-bytes", type=int, default=4 << 30, help="memory of one statement")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    # A server's time zone must not depend on whose machine it runs on.
    os.environ["TZ"] = "UTC"
    time.tzset()
    engine = Engine(
        chosen.path,
        connections=chosen.connections,
        max_threads=chosen.max_threads,
        max_memory_bytes=chosen.max_memory_bytes,
    )
    engine.warm_up()
    with Server(chosen.port, engine) as server:

        def stop(signal_number: int, _frame: object) -> None:
            _log.info("stopping on signal %d", signal_number)
            threading.Thread(target=server.shutdown).start()  # from this thread it would wait for itself

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        _log.info("serving %s on http://%s:%d", chosen.path, _HOST, chosen.port)
        server.serve_forever(poll_interval=0.1)
    engine.close()


if __name__ == "__main__":
    main()
