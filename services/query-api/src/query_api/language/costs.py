"""What native work costs in steps: about as many as the interpreter would take in the same time.

A method or an operator over a large value is one call into Python that no clock interrupts. So it is paid for before it
runs, by the size of what it looks at.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

from query_api.language.budget import QueryBudget
from query_api.language.values import ContextParameter, MetricParameter, Parameter, plain

WRAPPERS: Final[frozenset[type]] = frozenset({Parameter, ContextParameter, MetricParameter})
TEXTS: Final[frozenset[type]] = frozenset({str, bytes})
KEYED: Final[frozenset[type]] = frozenset({set, frozenset, dict, type({}.keys()), type({}.items())})
"""Membership in them is a look-up."""
LISTED: Final[frozenset[type]] = frozenset({list, tuple, range, type({}.values())})
"""Membership in them is a comparison with each item."""
_HOLDERS: Final = KEYED | LISTED - {range}
SIZED: Final = _HOLDERS | TEXTS | WRAPPERS
"""Kinds of values whose comparison may take long; any other is compared at once."""

SEARCHED_PER_STEP: Final = 256
"""Characters in which a text is looked for."""
_SEARCHED_PRODUCT_PER_STEP: Final = 4_096
_PRODUCT_SEARCHES: Final = (2_500, 30_000, 100)
"""Below so many characters, or below the second with a text shorter than the third, Python compares each place anew."""
_ITEMS_PER_STEP: Final = 32
_SHORT_LIST: Final = 64
_SHORT_LIST_ITEMS_PER_STEP: Final = 8
"""Not worth a look at the kinds of items; wrapped ones take ten times as long."""
_LONG_TEXT: Final = 4_096
_PLAIN_INTEGER_BITS: Final = 512
_INTEGER_BITS_PER_STEP: Final = 64
_PARSED_PER_STEP: Final = 16
_DEEPEST: Final = 10_000
"""Levels of nesting beyond what Python follows itself."""


class Rate(NamedTuple):
    """What one step pays for."""

    items: int
    characters: int


COMPARED: Final = Rate(_ITEMS_PER_STEP, _LONG_TEXT)
_RENDERED: Final = Rate(4, 256)
JOINED: Final = Rate(8, _LONG_TEXT)
"""Of sets: each item is looked up."""
_KEYS: Final = Rate(1, _LONG_TEXT)


def charge_parts(budget: QueryBudget, value: Any, rate: Rate = COMPARED, times: int = 1) -> None:
    """Pay for `times` looks at every part of `value`, inner ones included."""
    level = [value]
    for _ in range(_DEEPEST):
        inner: list[Any] = []
        for one in level:
            _charge_own(budget, one, inner, rate, times)
        if not inner:
            return
        level = inner


def _charge_own(budget: QueryBudget, value: Any, inner: list[Any], rate: Rate, times: int) -> None:
    """Pay for one value without the parts that have parts of their own; those are added to `inner`."""
    kind = type(value)
    if kind in TEXTS:
        budget.take_steps(len(value) // rate.characters * times)
    elif kind in WRAPPERS:
        budget.take_steps(times)
        inner.append(value.value)
    elif kind in _HOLDERS:
        for items in (value, value.values()) if kind is dict else (value,):
            budget.take_steps((1 + len(items) // rate.items) * times)
            _charge_items(budget, items, inner, rate, times)


def _charge_items(budget: QueryBudget, items: Collection[Any], inner: list[Any], rate: Rate, times: int) -> None:
    kinds = set(map(type, items))
    if str in kinds:
        texts = items if len(kinds) == 1 else [item for item in items if type(item) is str]
        budget.take_steps(sum(map(len, texts)) // rate.characters * times)
    kinds &= SIZED - {str}
    if kinds:
        inner.extend(item for item in items if type(item) in kinds)


def charge_rendering(budget: QueryBudget, value: Any) -> None:
    """Pay for the text of a value."""
    charge_parts(budget, value, _RENDERED)
    value = plain(value)
    if type(value) is int:
        charge_bits(budget, value.bit_length())


def charge_comparison(budget: QueryBudget, left: Any, right: Any) -> None:
    """Pay for `==` or an order: no part is looked at that only the longer one has."""
    left, right = plain(left), plain(right)
    if type(left) in SIZED and type(right) in SIZED:
        charge_parts(budget, left if len(left) <= len(right) else right)


def charge_order(budget: QueryBudget, items: Sequence[Any], times: int) -> None:
    """Pay for `times` comparisons of each item with others, beyond the step that each item costs anyway."""
    if not SIZED.isdisjoint(map(type, items)):
        inner: list[Any] = []
        _charge_items(budget, items, inner, COMPARED, times)
        charge_parts(budget, inner, COMPARED, times)


def charge_scan(budget: QueryBudget, item: Any, container: Any, *, is_stored: bool = False) -> None:
    """Pay for a comparison of `item` with each item of a list, tuple or range. Stored ones hold no wrappers."""
    kind, size = type(item), len(container)
    if kind in SIZED and (kind is not str or len(item) > _LONG_TEXT):
        if kind in WRAPPERS:
            budget.take_steps(size)
        charge_parts(budget, container)
    elif size < _SHORT_LIST:
        if size >= _SHORT_LIST_ITEMS_PER_STEP:
            budget.take_steps(size // _SHORT_LIST_ITEMS_PER_STEP)
    else:
        is_plain = is_stored or WRAPPERS.isdisjoint(map(type, container))
        budget.take_steps(size // _ITEMS_PER_STEP if is_plain else size)


def charge_key(budget: QueryBudget, key: Any) -> None:
    """Pay for a look-up. A composite key is hashed anew each time, and compared with those that hash alike."""
    key = plain(key)
    kind = type(key)
    if kind is tuple or kind is frozenset:
        charge_parts(budget, key, _KEYS)
    elif kind in TEXTS and len(key) > _LONG_TEXT:
        budget.take_steps(len(key) // _LONG_TEXT)


def charge_search(budget: QueryBudget, text: str | bytes, wanted: Any) -> None:
    """Pay for a search from the left."""
    size = len(text)
    if size >= SEARCHED_PER_STEP:
        budget.take_steps(size // SEARCHED_PER_STEP)
    if isinstance(wanted, (str, bytes)):
        short, longer, few = _PRODUCT_SEARCHES
        if size < short or (size < longer and len(wanted) < few):
            budget.take_steps(size * len(wanted) // _SEARCHED_PRODUCT_PER_STEP)


def charge_bits(budget: QueryBudget, bits: int) -> None:
    """Pay for arithmetic with an integer of this size whose time grows faster than the size."""
    if bits > _PLAIN_INTEGER_BITS:
        budget.take_steps(bits // _INTEGER_BITS_PER_STEP)


def charge_numbers(budget: QueryBudget, *values: Any) -> None:
    """Pay for arithmetic in the same way, and for reading a number from a text."""
    for value in values:
        kind = type(value)
        if kind is int:
            charge_bits(budget, value.bit_length())
        elif kind in TEXTS:
            budget.take_steps(len(value) // _PARSED_PER_STEP)
