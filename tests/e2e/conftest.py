"""The embedded product as users start it: a process of its own on a folder of its own."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.product import Product, product_on, running


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder with a short name: a socket's path may have about a hundred characters."""
    path = Path(tempfile.mkdtemp(prefix="tb-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def stopped_product(folder: Path) -> Iterator[Product]:
    """Not started yet; stopped at the end."""
    product = product_on(folder / "data")
    yield product
    product.process.stop()


@pytest.fixture
def product(stopped_product: Product) -> Iterator[Product]:
    """Started and ready."""
    with running(stopped_product):
        yield stopped_product
