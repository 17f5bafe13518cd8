"""Rows 87 and 88: the pages and files of one user interface below its base path. Packages are found, never imported."""

import asyncio
import importlib.util
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from contracts.errors import BadRequest, NotFound
from contracts.routes import REST_PREFIX
from query_api.http.conditions import Conditions
from query_api.http.files import answer_file

UiName = Literal["aim", "matyan"]

_INDEX = "index-template.html"
_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")
_BASE_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")
_API_SUFFIX = REST_PREFIX.removesuffix("/rest")
"""The Matyan UI adds `/rest` itself."""

Render = Callable[[str], bytes]
"""The index page for an origin such as `https://host:port`."""

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class UserInterface:
    """base_path: empty, or with a leading and without a trailing slash. root: folder of its files."""

    name: UiName
    base_path: str
    root: Path
    render: Render

    def page(self) -> bytes:
        """The index page where no request is at hand; for a page that needs no origin."""
        return self.render("")


def find_ui(name: UiName, base_path: str) -> UserInterface | None:
    """The UI as it is installed, None if its package is not. Raises ValueError for a base path that is none."""
    package, folder, render = _PACKAGES[name]
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return user_interface(name, base_path, Path(spec.submodule_search_locations[0]) / folder, render)


def user_interface(
    name: UiName, base_path: str, root: Path, render: Callable[[str, str, str], str] | None = None
) -> UserInterface | None:
    """A UI from a folder of built files; None if it has no index page."""
    if not _BASE_PATH.fullmatch(base_path):
        raise ValueError(f"not a base path: {base_path!r}")
    template_file = root / _INDEX
    if not template_file.is_file():
        return None
    template = template_file.read_text(encoding="utf-8")
    fill = render or _PACKAGES[name][2]
    return UserInterface(name, base_path, root, lambda origin: fill(template, base_path, origin).encode())


def _fill_aim(template: str, base_path: str, _: str) -> str:
    """The page finds its API by its own origin."""
    return template.replace("{{ base_path }}", base_path)


def _fill_matyan(template: str, base_path: str, origin: str) -> str:
    """An empty host would mean localhost:53800 to the page, so the origin is always written."""
    values = {
        "base_path": base_path,
        "api_base_path": _API_SUFFIX,
        "api_host_base": origin,
        "api_auth_token": "",
    }
    for variable, value in values.items():
        template = template.replace(f"{{{{ {variable} }}}}", value)
    return template


_PACKAGES: dict[UiName, tuple[str, str, Callable[[str, str, str], str]]] = {
    "aim": ("aim_ui", "build", _fill_aim),
    "matyan": ("matyan_ui", "static", _fill_matyan),
}


def ui_routes(ui: UserInterface) -> list[HTTPRouteHandler]:
    """Files below `<base>/static-files`, and the index page for every other path: the UI routes by itself.

    Routes of the API, of health and of metrics are more special and win. Unknown paths below them stay JSON 404s.
    """

    @get(f"{ui.base_path}/static-files/{{path:path}}", include_in_schema=False)
    async def static_file(request: AnyRequest, path: FromPath[str]) -> ASGIResponse:
        headers = request.headers
        conditions = Conditions(
            accept_encoding=headers.get("accept-encoding"),
            if_none_match=headers.get("if-none-match", ""),
            if_range=headers.get("if-range", ""),
            range=headers.get("range", ""),
        )
        answer = await asyncio.to_thread(answer_file, ui.root, path, conditions)
        if answer is None:
            raise NotFound
        return answer

    @get([ui.base_path or "/", f"{ui.base_path}/{{page:path}}"], include_in_schema=False)
    async def index(request: AnyRequest) -> Response[bytes]:
        page = ui.render(_origin(request))
        return Response(page, media_type="text/html", headers={"Cache-Control": "no-cache"})

    return [static_file, index]


def _origin(request: AnyRequest) -> str:
    """Written into a script of the page: nothing but a host may stand there. Raises BadRequest."""
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        raise BadRequest("Invalid Host header")
    return f"{request.scope['scheme']}://{host}"
