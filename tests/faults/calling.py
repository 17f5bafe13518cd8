"""HTTP calls that tell apart what never reached a server from what nobody answered."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.servers.ports import HOST

_REST = "/api/v1/rest"
ANSWER_SECONDS = 60.0


class NotSent(ConnectionError):
    """There is no connection, so nobody can have read anything."""


class NoAnswer(ConnectionError):
    """The call was sent, wholly or in part, and its connection broke."""


@dataclass(frozen=True)
class Answer:
    """headers: lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Connection:
    """One kept connection, opened again after it broke. For one thread."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: http.client.HTTPConnection | None = None

    def call(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Raises NotSent or NoAnswer; both leave the connection closed."""
        if self._open is None:
            connection = http.client.HTTPConnection(HOST, self._port, timeout=ANSWER_SECONDS)
            try:
                connection.connect()
            except OSError as error:
                connection.close()
                raise NotSent(str(error)) from error
            self._open = connection
        try:
            self._open.request(method, path, body, dict(headers or {}))
            response = self._open.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            answer = Answer(response.status, found, response.read())
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise NoAnswer(f"{type(error).__name__}: {error}") from error
        if response.will_close:
            self.close()
        return answer

    def get(self, path: str, /, **query: str | int) -> Answer:
        """Of a path below the REST prefix."""
        return self.call("GET", f"{_REST}{path}?{urlencode(query)}")

    def post(self, path: str, body: Any, /, **query: str | int) -> Answer:
        """The same with a JSON body."""
        content = {"Content-Type": "application/json"}
        return self.call("POST", f"{_REST}{path}?{urlencode(query)}", json.dumps(body).encode(), content)

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None
