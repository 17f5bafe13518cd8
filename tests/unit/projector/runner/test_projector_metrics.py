from prometheus_client import CollectorRegistry

from projector.metrics import METRICS, ProjectorMetrics


def test_every_metric_that_is_registered_stands_in_the_list_and_the_other_way_round() -> None:
    registry = CollectorRegistry()
    ProjectorMetrics(registry)
    assert {(found.name, found.type) for found in registry.collect()} == {(each.name, each.kind) for each in METRICS}


def test_every_metric_says_its_unit_and_meaning() -> None:
    assert all(each.unit and each.meaning.endswith(".") for each in METRICS)
