"""Embedded product and cluster are the same product: one session, equal answers, positions in the log included."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.product import product_on, running
from tests.e2e.scripted_session import USED_AGAIN_RUN, Answers, Session
from tests.integration.cluster import cluster_in

from contracts.routes import REST_PREFIX

pytestmark = [pytest.mark.kafka, pytest.mark.mongo, pytest.mark.clickhouse]


@pytest.fixture
def folder() -> Iterator[Path]:
    """With a short name: the embedded product has a socket in it."""
    path = Path(tempfile.mkdtemp(prefix="tb-"))
    yield path
    shutil.rmtree(path)


def test_one_session_gives_equal_answers(folder: Path) -> None:
    embedded = answers_of_embedded(folder / "embedded")
    used_again = embedded[f"info of {USED_AGAIN_RUN} by {REST_PREFIX}"]["body"]
    assert used_again["params"]["hparams"]["kind"] == "again"  # so the session came to its end
    cluster = answers_of_cluster(folder / "cluster")
    assert embedded.keys() == cluster.keys()
    assert {name: (embedded[name], cluster[name]) for name in embedded if embedded[name] != cluster[name]} == {}


def answers_of_embedded(folder: Path) -> Answers:
    with running(product_on(folder)) as product:
        return answers(product.ingest_url, product.url)


def answers_of_cluster(folder: Path) -> Answers:
    folder.mkdir()
    with cluster_in(folder) as cluster:
        cluster.start()
        return answers(cluster.writes, cluster.reads)


def answers(writes: str, reads: str) -> Answers:
    session = Session(writes, reads)
    try:
        return session.run()
    finally:
        session.close()
