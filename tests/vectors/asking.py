"""Recorded requests, sent to a product that holds the recorded data."""

from dataclasses import dataclass, replace

from tests.vectors.composed import Product
from tests.vectors.deviations import LEFT_OUT
from tests.vectors.loading import Ids, load, note_ids
from tests.vectors.rows import row_of
from tests.vectors_support import Answer, Case, differences, names
from tests.vectors_support import load as load_case

from contracts.routes import AIM_PREFIX

ROWS = {1, 10, 12, *range(17, 34), 34, 35, 38, 41, 44, 54, 57, 61, 62, 63, 64, 67, 72, 77}
"""Of the reads that exist, those that the reference server has too."""

COMPARED = [
    name
    for name in names()
    if name not in LEFT_OUT and row_of(load_case(name).request.method, load_case(name).request.path) in ROWS
]
_SET_BY_LOADING = ("**.props.creation_time", "**.props.end_time", "**.timestamps")


@dataclass(frozen=True)
class Loaded:
    full: Product
    empty: Product
    ids: Ids
    notes: Ids

    async def differences(self, name: str, prefix: str) -> list[str]:
        case = _with_note_id(load_case(name).with_ids(self.ids), self.notes)
        answer = await _ask(self.empty if case.empty_project else self.full, case, prefix)
        return differences(case, answer, comparable=_SET_BY_LOADING)


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


async def _ask(product: Product, case: Case, prefix: str) -> Answer:
    request = case.request
    answer = await product.reads.request(
        request.method,
        prefix + request.path.removeprefix(AIM_PREFIX),
        params=dict(request.query),
        headers=dict(request.headers),
        json=request.body,
    )
    # The client has undone a compression.
    headers = {name.lower(): value for name, value in answer.headers.items() if name.lower() != "content-encoding"}
    return Answer(answer.status_code, answer.content, headers)
