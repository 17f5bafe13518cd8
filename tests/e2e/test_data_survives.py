"""What was read once is read again, whatever happened to the process and to the views."""

import shutil
from collections.abc import Iterator

import pytest
from tests.e2e.command_line import tallybook
from tests.e2e.product import Product
from tests.e2e.scripted_session import PREFIXES, Answers, Session


@pytest.fixture
def session(product: Product) -> Iterator[Session]:
    session = Session(product.ingest_url, product.url)
    session.ingest()
    session.mutate()
    yield session
    session.close()


def read(session: Session) -> Answers:
    session.answers = {}
    session.read()
    return dict(session.answers)


def test_both_prefixes_answer_alike(session: Session) -> None:
    answers = read(session)
    ours, aims = (
        {name.removesuffix(f" by {prefix}"): answer for name, answer in answers.items() if name.endswith(f" {prefix}")}
        for prefix in PREFIXES
    )
    assert ours == aims
    assert len(ours) > 30


def test_what_was_written_is_read(session: Session) -> None:
    answers = read(session)
    info = answers[f"info of by-json by {PREFIXES[0]}"]["body"]
    assert info["props"]["name"] == "renamed"
    assert [tag["name"] for tag in info["props"]["tags"]] == ["by json", "called now", "kept"]
    assert info["params"]["hparams"]["layers"] == [8, 8]
    assert answers[f"info of deleted by {PREFIXES[0]}"]["status"] == 404
    points = answers[f"points of by-columns by {PREFIXES[0]}"]["body"]
    assert points[0]["iters"] == list(range(0, 50, 2))
    assert points[0]["values"] == [step / 7 for step in range(0, 50, 2)]


def test_after_a_restart(session: Session, product: Product) -> None:
    before = read(session)
    product.process.restart()
    assert read(session) == before


def test_after_kill_nine(session: Session, product: Product) -> None:
    before = read(session)
    product.process.kill()
    product.process.start()
    assert read(session) == before


@pytest.mark.parametrize("options", [[], ["--drop-previous"], ["--fresh"]])
def test_after_a_rebuild(session: Session, product: Product, options: list[str]) -> None:
    before = read(session)
    product.process.stop()
    rebuilt = tallybook("views", "rebuild", "--data", product.data, *options)
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert "version 2 is live" in rebuilt.stdout
    product.process.start()
    assert read(session) == before


def test_after_all_views_were_lost(session: Session, product: Product) -> None:
    """The log is the truth: the rest is made again from it at the next start."""
    before = read(session)
    product.process.stop()
    (product.data / "documents.sqlite").unlink()
    shutil.rmtree(product.data / "columns")
    product.process.start()
    assert read(session) == before


def test_the_same_requests_again_change_nothing(session: Session, product: Product) -> None:
    """Every request of the session's ingestion names its batch."""
    before = read(session)
    session.send()
    product.process.restart()  # it answers when the views hold all of the log
    assert read(session) == before
