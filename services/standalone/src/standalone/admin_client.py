"""How a word of the command line asks: the running server over its Unix socket, or the folder itself."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import httpx
import msgspec

from standalone.data_folder import DataFolder
from standalone.errors import Declined, Unanswered

_T = TypeVar("_T", bound=msgspec.Struct)
_TIMEOUT_SECONDS = 30.0
_DECLINED = (httpx.codes.BAD_REQUEST, httpx.codes.NOT_FOUND, httpx.codes.CONFLICT)


def ask(
    path: Path, question: str, kind: type[_T], of_folder: Callable[[DataFolder], Awaitable[_T]], *, method: str = "GET"
) -> _T:
    """The answer of the server that owns the folder; without one, of `of_folder`, which owns the folder meanwhile.

    Raises NoDataFolder, FolderInUse, Unanswered, and Declined for what cannot be done.
    """
    folder = DataFolder.at(path)
    folder.require()
    if folder.is_owned():
        return ask_server(folder, question, kind, method=method)
    with folder.owned():
        return asyncio.run(_awaited(of_folder(folder)))


def ask_server(folder: DataFolder, question: str, kind: type[_T], *, method: str = "GET") -> _T:
    """The answer of the server that owns the folder. Raises Unanswered, Declined."""
    transport = httpx.HTTPTransport(uds=str(folder.socket))
    try:
        with httpx.Client(transport=transport, base_url="http://tallybook", timeout=_TIMEOUT_SECONDS) as client:
            answer = client.request(method, question)
    except httpx.TransportError as error:
        raise Unanswered(
            f"a process owns {folder.root} but does not answer yet ({error}): it starts or stops; try again in a moment"
        ) from error
    if answer.status_code in _DECLINED:
        raise Declined(answer.json()["message"])
    if answer.status_code != httpx.codes.OK:
        raise Unanswered(f"the server answered {answer.status_code}: {answer.text}")
    return msgspec.json.decode(answer.content, type=kind)


async def _awaited(answer: Awaitable[_T]) -> _T:
    return await answer
