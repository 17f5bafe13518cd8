"""The data set of the recorded answers, logged as a client would: the catalog by REST, runs by native ingestion."""

from typing import Any

import httpx
from tests.vectors_support import dataset, load_runs

_API = "/api/v1/rest"

_LISTED = ("language", "default", "vision")

Ids = dict[str, str]
"""Recorded id to ours: of experiments and tags."""


async def load(client: httpx.AsyncClient) -> Ids:
    data = dataset()
    ids: Ids = {}
    for tag in data["tags"]:
        body = {key: tag[key] for key in ("name", "color", "description")}
        ids[tag["id"]] = (await _sent(client, "POST", "/tags", body))["id"]
    # REST gives experiments their time of creation, so they are made in the order in which the recording lists them.
    for experiment in sorted(data["experiments"], key=lambda one: _LISTED.index(one["name"])):
        answer = await _sent(client, "POST", "/experiments", {"name": experiment["name"]})
        ids[experiment["id"]] = answer["id"]
        change = {"description": experiment["description"], "archived": experiment["archived"]}
        await _sent(client, "PUT", f"/experiments/{answer['id']}", change)
        for note in experiment["notes"]:
            await _sent(client, "POST", f"/experiments/{answer['id']}/note", {"content": note["content"]})
    await load_runs(client)
    return ids


async def note_ids(client: httpx.AsyncClient) -> Ids:
    """Recorded id of each note of a run to ours."""
    ids: Ids = {}
    for run in dataset()["runs"]:
        answer = await client.get(f"{_API}/runs/{run['hash']}/note")
        ours = {note["content"]: note["id"] for note in answer.json()}
        ids |= {str(note["id"]): ours[note["content"]] for note in run["notes"]}
    return ids


async def _sent(client: httpx.AsyncClient, method: str, path: str, body: Any) -> Any:
    answer = await client.request(method, _API + path, json=body)
    assert answer.is_success, answer.text
    return answer.json()
