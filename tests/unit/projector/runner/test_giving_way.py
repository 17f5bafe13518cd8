import threading

from projector.runner.giving_way import giving_way


def test_items_come_in_order_whoever_else_wants_the_interpreter() -> None:
    counted, over = 0, threading.Event()

    def want() -> None:
        nonlocal counted
        while not over.is_set():
            counted += 1

    other = threading.Thread(target=want)
    other.start()
    try:
        seen, progress = [], []
        for item in giving_way(range(50)):
            seen.append(item)
            progress.append(counted)
    finally:
        over.set()
        other.join()
    assert seen == list(range(50))
    assert len(set(progress)) > 25, "the other thread went on between most items"


def test_nothing_comes_of_nothing() -> None:
    assert list(giving_way([])) == []
