"""One product for the whole folder, asked as both kinds of clients do: under each prefix, with each form of a path."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.rest.asking import Described, Rest
from tests.vectors.composed import Product, embedded

from contracts.routes import AIM_PREFIX, REST_PREFIX
from query_api.bootstrap import ui_routes
from query_api.http.ui import UserInterface, user_interface

PAGE = "<html>the page below '{{ base_path }}'</html>"
SCRIPT = b"console.log('a script')"
FORMS = {"ours": (REST_PREFIX, "/"), "aim": (AIM_PREFIX, "")}
"""The Matyan client writes a slash at the end, the Aim UI none; every pair of both is asked in test_every_route.py."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    folder = tmp_path_factory.mktemp("rest")
    interface = _interface(folder / "ui")
    async with embedded(folder, ui_routes(interface), interface.page) as product:
        yield product


def _interface(folder: Path) -> UserInterface:
    folder.mkdir()
    (folder / "index-template.html").write_text(PAGE)
    (folder / "main.js").write_bytes(SCRIPT)
    (folder / "main.js.gz").write_bytes(gzip.compress(SCRIPT))
    interface = user_interface("aim", "", folder)
    assert interface is not None
    return interface


@pytest.fixture(scope="session")
def file(product: Product) -> Described:
    return Described(product.app.openapi_schema.to_schema())


@pytest.fixture(params=list(FORMS.values()), ids=list(FORMS))
def rest(request: pytest.FixtureRequest, product: Product, file: Described) -> Rest:
    """For rows that both prefixes have."""
    prefix, slash = request.param
    return Rest(product, prefix, slash, file=file)


@pytest.fixture(params=["/", ""], ids=["slash", "no slash"])
def ours(request: pytest.FixtureRequest, product: Product, file: Described) -> Rest:
    """For rows that our own prefix alone has."""
    return Rest(product, REST_PREFIX, request.param, file=file)


@pytest.fixture(params=["/", ""], ids=["slash", "no slash"])
def root(request: pytest.FixtureRequest, product: Product, file: Described) -> Rest:
    """For rows at the root of the server."""
    return Rest(product, "", request.param, file=file)
