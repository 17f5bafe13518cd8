"""Every recorded stream, read and written again; and the comparison that other tests rely on."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.vectors_support import (
    Case,
    capture,
    decode,
    differences,
    load,
    load_scenario,
    names,
    scenario_names,
)

from contracts.aimcodec.reader import items, page_faults
from contracts.aimcodec.records import encode_tree


def _steps() -> Iterator[tuple[Case, dict[str, Any]]]:
    """Every recorded case, its `${variables}` filled in from the recording itself, and its body as decoded."""
    for name in names():
        case = load(name)
        yield case, decode(case.recorded, case.kind)
    for name in scenario_names():
        values: dict[str, Any] = {}
        for step in load_scenario(name).steps:
            decoded = decode(step.recorded, step.kind)
            values |= capture(step, decoded)
            yield step.with_values(values), decoded


CASES = [pytest.param(case, decoded, id=case.name) for case, decoded in _steps()]
STREAMS = [pytest.param(case, id=case.name) for case, _ in _steps() if case.kind == "stream"]


@pytest.mark.parametrize(("case", "decoded"), CASES)
def test_a_recorded_body_reads_as_it_was_noted(case: Case, decoded: dict[str, Any]) -> None:
    assert decoded == case.decoded


@pytest.mark.parametrize("case", STREAMS)
def test_a_recorded_stream_written_again_says_the_same(case: Case) -> None:
    body = case.recorded.plain_body()
    again = b"".join(encode_tree(tree, (key,)) for key, tree in items(body))
    # The order of members is kept both ways, so even the bytes are equal; comparing them sees NaN too.
    assert again == body


@pytest.mark.parametrize("case", STREAMS)
def test_no_recorded_stream_breaks_a_page_but_the_doubled_token(case: Case) -> None:
    assert bool(page_faults(case.recorded.plain_body())) == (case.name == "scenario-blobs-images[2]")


@pytest.mark.parametrize(("case", "decoded"), CASES)
def test_the_recording_does_not_differ_from_itself(case: Case, decoded: dict[str, Any]) -> None:
    copied = case.quirks.keys()
    strictly = differences(
        case,
        case.recorded,
        copied_quirks=copied,
        comparable=case.assigned,
        same_sampling=True,
        exact_numbers=True,
    )
    assert strictly == []
    # The reference server keeps the first point only by luck; a fair sample has it.
    loosely = differences(case, case.recorded, copied_quirks=copied, comparable=case.assigned)
    assert [found for found in loosely if "an end is missing" not in found] == []
