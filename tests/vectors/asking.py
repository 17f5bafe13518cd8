"""Recorded requests, sent to a product that holds the recorded data."""

from dataclasses import dataclass, replace

import httpx
from tests.vectors.composed import Product
from tests.vectors.deviations import is_left_out
from tests.vectors.loading import Ids, load, note_ids
from tests.vectors.rows import row_of
from tests.vectors_support import Answer, Case, differences, names
from tests.vectors_support import load as load_case
from tests.vectors_support.cases import EXTRA_NAME

from contracts.routes import AIM_PREFIX

ROWS = {1, 10, 12, *range(17, 36), 38, 41, 42, 44, *range(47, 50), 54, 55, 57, *range(61, 65), 67, 72, 74, 77, 79, None}
"""Of the reads that exist, those that the reference server has too. None: what no row is for."""


def _row(name: str) -> int | None:
    return row_of(load_case(name).request.method, load_case(name).request.path)


COMPARED = [name for name in names() if not is_left_out(name) and (_row(name) in ROWS or name.startswith(EXTRA_NAME))]
SET_BY_LOADING = ("**.props.creation_time", "**.props.end_time", "**.timestamps")


@dataclass(frozen=True)
class Loaded:
    full: Product
    empty: Product
    ids: Ids
    notes: Ids

    async def differences(self, name: str, prefix: str) -> list[str]:
        case = _with_note_id(load_case(name).with_ids(self.ids), self.notes)
        answer = await ask((self.empty if case.empty_project else self.full).reads, case, prefix)
        found = differences(case, answer, comparable=SET_BY_LOADING)
        content_type = answer.headers.get("content-type", "")
        if case.kind == "stream" and answer.status == 200 and content_type != "application/octet-stream":
            # The reference names none (streaming contract, section 1).
            found.append(f"content type of a stream: {content_type!r}")
        return found


async def load_into(full: Product, empty: Product) -> Loaded:
    ids = await load(full.client)
    await full.caught_up()
    return Loaded(full, empty, ids, await note_ids(full.reads))


def _with_note_id(case: Case, notes: Ids) -> Case:
    """Recorded ids of notes are single digits, which occur everywhere: they are replaced where they name a note."""
    *above, kind, recorded = case.request.path.split("/")
    if kind != "note":
        return case
    path = "/".join([*above, kind, notes.get(recorded, recorded)])
    return replace(case, request=replace(case.request, path=path))


async def ask(client: httpx.AsyncClient, case: Case, prefix: str) -> Answer:
    """The answer to a recorded request, sent under another prefix."""
    request = case.request
    answer = await client.request(
        request.method,
        prefix + request.path.removeprefix(AIM_PREFIX),
        params=dict(request.query),
        headers=dict(request.headers),
        json=request.body,
    )
    # The client has undone a compression.
    headers = {name.lower(): value for name, value in answer.headers.items() if name.lower() != "content-encoding"}
    return Answer(answer.status_code, answer.content, headers)
