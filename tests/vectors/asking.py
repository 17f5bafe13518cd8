"""Recorded requests, sent to a product that holds the recorded data."""

from dataclasses import dataclass, replace

import httpx
from tests.vectors.composed import Product
from tests.vectors.deviations import is_left_out
from tests.vectors.loading import Ids, load, note_ids
from tests.vectors.quirks import with_usual_quirks
from tests.vectors_support import Answer, Case, differences, names
from tests.vectors_support import load as load_case
from tests.vectors_support.cases import EXTRA_NAME

from contracts.routes import AIM_PREFIX

COMPARED = [name for name in names() if not is_left_out(name)]
"""All there are, whatever row they ask."""
SET_BY_LOADING = ("**.props.creation_time", "**.props.end_time", "**.timestamps")


@dataclass(frozen=True)
class Loaded:
    full: Product
    empty: Product
    ids: Ids
    notes: Ids

    async def differences(self, name: str, prefix: str) -> list[str]:
        case = load_case(name)
        case = with_usual_quirks(case) if name.startswith(EXTRA_NAME) else case
        case = _with_note_id(case.with_ids(self.ids), self.notes)
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
        # Without any, those that the path may bring stay.
        params=dict(request.query) or None,
        headers=dict(request.headers),
        json=request.body,
    )
    # The client has undone a compression.
    headers = {name.lower(): value for name, value in answer.headers.items() if name.lower() != "content-encoding"}
    return Answer(answer.status_code, answer.content, headers)
