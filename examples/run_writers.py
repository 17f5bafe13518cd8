"""How the example writes its runs: by the native endpoint and nothing but the standard library, or by matyan-client.

Both say the same, so that readers find the same runs whichever client wrote them.
"""

import base64
import contextlib
import io
import json
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

_ATTEMPTS = 6
_TIMEOUT_SECONDS = 30
_CONTENT_TYPE = "application/octet-stream"

Message = dict[str, Any]
Scores = Mapping[tuple[str, str], float]
"""Value by metric and subset."""


class RunWriter(Protocol):
    """One run. Times are of the call; what was written is on the server's disk once `finish` returned."""

    def begin(self, name: str, experiment: str, params: Mapping[str, Any], tag: str) -> None: ...
    def scores(self, epoch: int, scores: Scores, seconds: float) -> None: ...
    def picture(self, name: str, step: int, png: bytes, caption: str) -> None: ...
    def text(self, name: str, step: int, text: str) -> None: ...
    def histogram(self, name: str, step: int, counts: Sequence[int], low: float, high: float) -> None: ...

    def figure(self, name: str, step: int, figure: Mapping[str, Any]) -> None:
        """figure: as Plotly's JSON."""
        ...

    def line(self, text: str) -> None:
        """A line of the run's terminal."""
        ...

    def file(self, path: str, content: bytes) -> None: ...
    def finish(self, params: Mapping[str, Any], tags: Sequence[str]) -> None: ...


class NativeRun:
    def __init__(self, url: str, run_id: str) -> None:
        self._url = url.rstrip("/")
        self._run_id = run_id
        self._lines = 0
        self._waiting: list[Message] = []
        """What goes along with the next scores: a request for each picture would be a sync to disk for each."""

    def begin(self, name: str, experiment: str, params: Mapping[str, Any], tag: str) -> None:
        self._send(
            {"type": "create_run"},
            {"type": "set_run_property", "name": name, "experiment": experiment},
            {"type": "log_hparams", "value": dict(params)},
            {"type": "add_tag", "tag_name": tag},
        )

    def scores(self, epoch: int, scores: Scores, seconds: float) -> None:
        """One step of all series in the columnar form."""
        series = [{"name": name, "context": {"subset": subset}} for name, subset in scores]
        count = len(series)
        columns = {
            "series": list(range(count)),
            "step": [epoch] * count,
            "epoch": [epoch] * count,
            "value": list(scores.values()),
        }
        self._send(
            {"type": "log_metrics", "series": series, "points": columns},
            {"type": "log_metric", "name": "seconds", "value": seconds, "step": epoch, "epoch": epoch},
        )

    def picture(self, name: str, step: int, png: bytes, caption: str) -> None:
        value = {"data": base64.b64encode(png).decode(), "caption": caption, "format": "png"}
        self._object("image", name, step, value)

    def text(self, name: str, step: int, text: str) -> None:
        self._object("text", name, step, {"data": text})

    def histogram(self, name: str, step: int, counts: Sequence[int], low: float, high: float) -> None:
        self._object("distribution", name, step, {"data": list(counts), "range": [low, high]})

    def figure(self, name: str, step: int, figure: Mapping[str, Any]) -> None:
        self._object("figure", name, step, {"data": dict(figure), "source": "plotly"})

    def line(self, text: str) -> None:
        self._waiting.append({"type": "log_terminal_line", "line": text, "step": self._lines})
        self._lines += 1

    def file(self, path: str, content: bytes) -> None:
        """Uploaded first, then named: bytes of any size never go through a message."""
        asked = {"run_id": self._run_id, "artifact_path": path, "content_type": _CONTENT_TYPE}
        address = f"{self._url}/api/v1/rest/artifacts/presign"
        permit = _json_of(self._request("POST", address, json.dumps(asked).encode()))
        headers = {"Content-Type": _CONTENT_TYPE, **(permit.get("headers") or {})}
        self._request("PUT", permit["upload_url"], content, headers)
        self._waiting.append({"type": "blob_ref", "artifact_path": path, "s3_key": permit["s3_key"]})

    def finish(self, params: Mapping[str, Any], tags: Sequence[str]) -> None:
        added = [{"type": "add_tag", "tag_name": tag} for tag in tags]
        self._send({"type": "log_hparams", "value": dict(params)}, *added, {"type": "finish_run"})

    def _object(self, kind: str, name: str, step: int, value: Message) -> None:
        message = {"type": "log_custom_object", "dtype": kind, "name": name, "step": step, "value": value}
        self._waiting.append({**message, "context": {"subset": "val"}})

    def _send(self, *messages: Message) -> None:
        """Returns when the server has the messages on its disk."""
        everything = [*self._waiting, *messages]
        # The key makes a repeat harmless: the server may have had the messages although its answer was lost.
        headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
        address = f"{self._url}/api/v1/ingest/runs/{self._run_id}"
        answer = _json_of(self._request("POST", address, json.dumps(everything).encode(), headers))
        if answer["rejected"]:
            raise RuntimeError(f"rejected: {answer['rejected']}")
        self._waiting = []

    def _request(self, method: str, url: str, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
        """Tried again if the server is busy or away."""
        given = {"Content-Type": "application/json", **(headers or {})}
        request = urllib.request.Request(url, body, given, method=method)  # noqa: S310 - checked in main
        for attempt in range(_ATTEMPTS):
            try:
                with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - checked in main
                    content: bytes = answer.read()
                    return content
            except urllib.error.HTTPError as error:
                if error.code != 503 or attempt + 1 == _ATTEMPTS:
                    raise RuntimeError(f"{error.code}: {error.read().decode()}") from error
            except urllib.error.URLError:
                if attempt + 1 == _ATTEMPTS:
                    raise
            time.sleep(0.2 * 2**attempt)
        raise AssertionError("the last attempt returns or raises")


class MatyanRun:
    """By matyan-client 0.3, unmodified, which is installed beside this: `pip install matyan-client`."""

    def __init__(self, url: str, run_id: str) -> None:
        # Here, not above: who writes natively needs none of it.
        import matyan_client

        self._client = matyan_client
        self._url = url.rstrip("/")
        self._run_id = run_id
        self._run: Any = None
        self._open = contextlib.ExitStack()

    def begin(self, name: str, experiment: str, params: Mapping[str, Any], tag: str) -> None:
        # The client takes what is printed while the run is open; these lines are for the run, not for this terminal.
        self._open.enter_context(contextlib.redirect_stdout(io.StringIO()))
        self._run = self._client.Run(run_hash=self._run_id, repo=self._url, experiment=experiment)
        self._run.name = name
        for key, value in params.items():
            self._run[key] = value
        self._run.add_tag(tag)

    def scores(self, epoch: int, scores: Scores, seconds: float) -> None:
        for (name, subset), value in scores.items():
            self._run.track(value, name=name, step=epoch, epoch=epoch, context={"subset": subset})
        self._run.track(seconds, name="seconds", step=epoch, epoch=epoch)

    def picture(self, name: str, step: int, png: bytes, caption: str) -> None:
        self._object(self._client.Image(png, caption=caption), name, step)

    def text(self, name: str, step: int, text: str) -> None:
        self._object(self._client.Text(text), name, step)

    def histogram(self, name: str, step: int, counts: Sequence[int], low: float, high: float) -> None:
        self._object(self._client.Distribution(hist=list(counts), bin_range=(low, high)), name, step)

    def figure(self, name: str, step: int, figure: Mapping[str, Any]) -> None:
        self._object(self._client.Figure(dict(figure)), name, step)

    def line(self, text: str) -> None:
        print(text, flush=True)

    def file(self, path: str, content: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "content"
            file.write_bytes(content)
            self._run.log_artifact(str(file), name=path)  # read before it returns

    def finish(self, params: Mapping[str, Any], tags: Sequence[str]) -> None:
        for key, value in params.items():
            self._run[key] = value
        for tag in tags:
            self._run.add_tag(tag)
        self._run.close()
        self._open.close()

    def _object(self, value: Any, name: str, step: int) -> None:
        self._run.track(value, name=name, step=step, context={"subset": "val"})


WRITERS: dict[str, Callable[[str, str], RunWriter]] = {"native": NativeRun, "matyan": MatyanRun}
"""By name of the client; each takes the server's address and a run id."""


def _json_of(body: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(body)
    return answer
