from projector.fold.run_state import RunState, new_run
from projector.runner.states import CacheLimits, StateCache, StoredState


def state(run_id: str, version: int = 1) -> RunState:
    return new_run(run_id, 1, version, 0.0, 0.0)


def stored(run_id: str, size: int = 10) -> StoredState:
    return StoredState(state(run_id), size)


def test_the_state_used_least_recently_goes_first() -> None:
    cache = StateCache(CacheLimits(entries=2))
    cache.keep([stored("a"), stored("b")])
    cache.get("a")
    cache.keep([stored("c")])
    assert cache.get("b") is None
    assert cache.get("a") is not None
    assert len(cache) == 2


def test_bytes_bound_it_too_and_a_replaced_state_is_not_counted_twice() -> None:
    cache = StateCache(CacheLimits(bytes=100))
    for _ in range(50):
        cache.keep([stored("a", 60)])
    assert cache.get("a") is not None
    cache.keep([stored("b", 60)])
    assert cache.get("a") is None
    cache.keep([stored("c", 40)])
    assert len(cache) == 2


def test_a_state_larger_than_the_cache_is_not_kept() -> None:
    cache = StateCache(CacheLimits(bytes=100))
    cache.keep([stored("a", 101)])
    assert len(cache) == 0


def test_a_cleared_cache_is_empty() -> None:
    cache = StateCache(CacheLimits())
    cache.keep([stored("a")])
    cache.clear()
    assert cache.get("a") is None
