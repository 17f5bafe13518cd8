"""What every handler needs: who asks, the commands' tools, and the headers of an answer to a mutation."""

from dataclasses import dataclass
from typing import Any, TypeVar

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from command_api.application.answers import Decided
from command_api.application.names import Names
from command_api.application.ports import Caller, Tools
from command_api.metrics import CommandMetrics
from contracts.routes import REST_PREFIX

AnyRequest = Request[Any, Any, Any]
_T = TypeVar("_T")

POSITION_HEADER = "X-Tallybook-Position"
VISIBLE_HEADER = "X-Tallybook-Visible"


@dataclass(frozen=True, slots=True)
class Commands:
    """What is made once for a process and given to every handler."""

    tools: Tools
    names: Names
    metrics: CommandMetrics


FromApp = NamedDependency[SkipValidation[Commands]]
"""The app's dependency `commands`."""


def caller_of(request: AnyRequest) -> Caller:
    """Who asks, as the edge found out."""
    state = request.scope["state"]
    return Caller(actor=state.get("actor"), request_id=state.get("request_id"))


def answered(body: _T, decided: Decided | None, status_code: int = 200) -> Response[_T]:
    """decided: None if nothing had to be written."""
    return Response(body, status_code=status_code, headers=position_headers(decided))


def removed(request: AnyRequest, decided: Decided) -> Response[None]:
    """204, but 200 with `null` under the Aim UI's prefix: that UI parses JSON out of every success.

    Only for the routes of which the REST contract says so (1.5).
    """
    headers = position_headers(decided)
    if request.scope["path"].startswith(f"{REST_PREFIX}/"):
        return Response(None, status_code=204, headers=headers)
    return Response(None, status_code=200, headers=headers, media_type="application/json")


def position_headers(decided: Decided | None) -> dict[str, str]:
    if decided is None:
        return {}
    headers = {POSITION_HEADER: decided.position}
    if not decided.visible:
        headers[VISIBLE_HEADER] = "false"
    return headers
