"""What the command line does with runs: by the server that owns the folder, or by the product itself meanwhile."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import msgspec

from command_api.bootstrap import Operators, RunPurging, RunRestored, Trash
from standalone.admin_client import ask
from standalone.data_folder import DataFolder
from standalone.settings import DEFAULT_HOST, StandaloneSettings

_T = TypeVar("_T", bound=msgspec.Struct)


def list_trash(data: Path) -> Trash:
    return ask(data, "/trash", Trash, _by_product(lambda operators: operators.trash()))


def purge_run(data: Path, run_id: str) -> RunPurging:
    """Raises NotFound or Declined for a run that is not in the trash, and what `ask` raises."""
    answer = _by_product(lambda operators: operators.purge(run_id))
    return ask(data, f"/runs/{quote(run_id, safe='')}/purge", RunPurging, answer, method="POST")


def undelete_run(data: Path, run_id: str) -> RunRestored:
    """Raises NotFound, Conflict or Declined for a run that cannot be taken back, and what `ask` raises."""
    answer = _by_product(lambda operators: operators.undelete(run_id))
    return ask(data, f"/runs/{quote(run_id, safe='')}/undelete", RunRestored, answer, method="POST")


def _by_product(call: Callable[[Operators], Awaitable[_T]]) -> Callable[[DataFolder], Awaitable[_T]]:
    """The whole product, without its ports: what is asked for has its outcome before the folder is given back."""

    async def of_folder(folder: DataFolder) -> _T:
        from standalone.bootstrap import running
        from standalone.open_stores import open_stores

        settings = StandaloneSettings.from_environment(
            os.environ, data=folder.root, host=DEFAULT_HOST, port=0, ingest_port=0
        )
        async with (
            open_stores(folder) as stores,
            running(settings, folder, stores, (), lambda _text: None) as product,
        ):
            return await call(product.operators)

    return of_folder
