"""Series of recorded requests that change things, in order, on fresh copies of the data set and under both prefixes."""

from pathlib import Path
from typing import Any

import pytest
from tests.vectors.asking import SET_BY_LOADING, ask
from tests.vectors.composed import Product, embedded
from tests.vectors.deviations import DEVIATIONS, NOTHING_LEFT, SCENARIO_DEVIATIONS, unexplained, used
from tests.vectors.loading import Ids, load
from tests.vectors.quirks import with_usual_quirks
from tests.vectors_support import capture, decode, differences, load_scenario, scenario_names
from tests.vectors_support.cases import EXTRA_NAME

from contracts.routes import AIM_PREFIX, REST_PREFIX

_OURS = tuple(name for name in scenario_names() if not name.startswith(EXTRA_NAME))
COPIES = [
    pytest.param(_OURS, id="recorded"),
    *(pytest.param((name,), id=name) for name in scenario_names() if name.startswith(EXTRA_NAME)),
]
"""Scenarios that share a copy of the data set: ours in the order in which they were recorded; others one by one."""


@pytest.mark.parametrize("prefix", [AIM_PREFIX, REST_PREFIX])
@pytest.mark.parametrize("scenarios", COPIES)
async def test_each_step_is_answered_as_recorded(tmp_path: Path, scenarios: tuple[str, ...], prefix: str) -> None:
    async with embedded(tmp_path) as product:
        ids = await load(product.client)
        await product.caught_up()
        found = [one for name in scenarios for one in await _play(product, ids, name, prefix)]
    of_scenarios = SCENARIO_DEVIATIONS if prefix == AIM_PREFIX else (*SCENARIO_DEVIATIONS, NOTHING_LEFT)
    accepted = (*DEVIATIONS, *of_scenarios)
    assert [f"{step}: {one}" for step, one in found if unexplained(step, [one], accepted)] == []
    if scenarios == _OURS:
        assert [one for one in of_scenarios if one not in used(found, of_scenarios)] == []


async def _play(product: Product, ids: Ids, name: str, prefix: str) -> list[tuple[str, str]]:
    """Name of the step and difference, for every difference. What a step captures is what we answered."""
    found: list[tuple[str, str]] = []
    variables: dict[str, Any] = {}
    for recorded in load_scenario(name).steps:
        step = with_usual_quirks(recorded) if name.startswith(EXTRA_NAME) else recorded
        case = step.with_ids(ids).with_values(variables)
        answer = await ask(product.client, case, prefix)
        if answer.status == case.recorded.status:
            variables |= capture(case, decode(answer, case.kind))
            case = step.with_ids(ids).with_values(variables)
        found += [(step.name, one) for one in differences(case, answer, comparable=SET_BY_LOADING)]
    return found
