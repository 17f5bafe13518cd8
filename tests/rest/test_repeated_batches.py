"""Batches that a client names and sends again, although it was answered: an answer may be lost on its way."""

from typing import Any

import httpx
import pytest
from tests.rest.asking import Messages, Rest, fresh, of

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def sent(rest: Rest, run: str, messages: Messages) -> dict[str, Any]:
    """What a batch is answered whose name is that of the run."""
    answer = await rest.product.client.post(
        f"/api/v1/ingest/runs/{run}", json=messages, headers={"Idempotency-Key": run}
    )
    assert answer.status_code == httpx.codes.OK, answer.text
    await rest.product.caught_up()
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.parametrize("there", [True, False], ids=["a name that was there", "a name that the batch made"])
@pytest.mark.parametrize("kind", ["tags", "experiments"])
async def test_a_name_that_was_deleted_meanwhile_stays_deleted(rest: Rest, kind: str, there: bool) -> None:
    run, name = fresh("run"), fresh("name")
    if there:
        await rest.made(f"/{kind}", {"name": name})
    naming = {
        "tags": {"type": "add_tag", "tag_name": name},
        "experiments": {"type": "set_run_property", "experiment": name},
    }
    batch: Messages = [{"type": "create_run"}, naming[kind], {"type": "no_such"}]
    first = await sent(rest, run, batch)
    entry = of(await rest.read(f"/{kind}"), name=name)
    assert entry["run_count"] == 1
    assert (await rest.delete(f"/{kind}/{entry['id']}")).is_success
    ends = await rest.product.log.end_offsets()
    again = await sent(rest, run, batch)
    assert (again["accepted"], again["rejected"]) == (first["accepted"], first["rejected"])
    assert await rest.product.log.end_offsets() == ends
    assert [one for one in await rest.read(f"/{kind}") if one["name"] == name] == []
    if there:
        # Then the first answer told of the run alone, and nothing was written there since.
        assert again["position"] == first["position"]


async def test_what_a_first_try_left_out_is_taken_with_its_name(rest: Rest) -> None:
    """A message that was refused before may be valid for a newer server; so may one that a crash left out."""
    run, name = fresh("run"), fresh("tag")
    await sent(rest, run, [{"type": "create_run"}, {"type": "no_such"}])
    await sent(rest, run, [{"type": "create_run"}, {"type": "add_tag", "tag_name": name}])
    assert of(await rest.read("/tags"), name=name)["run_count"] == 1


async def test_a_batch_of_a_new_run_under_the_id_of_a_deleted_one_is_no_repeat(rest: Rest) -> None:
    run, name = fresh("run"), fresh("tag")
    batch: Messages = [{"type": "create_run"}, {"type": "add_tag", "tag_name": name}]
    await sent(rest, run, batch)
    tag = of(await rest.read("/tags"), name=name)["id"]
    for path in (f"/tags/{tag}", f"/runs/{run}"):
        assert (await rest.delete(path)).is_success
    assert (await rest.product.client.post(f"/api/v1/rest/runs/{run}/clear-tombstone/")).status_code == 204
    await sent(rest, run, batch)
    assert [one["name"] for one in (await rest.read(f"/runs/{run}/info"))["props"]["tags"]] == [name]
