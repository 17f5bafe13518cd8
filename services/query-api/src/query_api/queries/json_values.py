"""Trees as JSON can carry them."""

import math
from typing import Any

import msgspec

from contracts.trees import Tree

_I64_MIN, _U64_MAX = -(1 << 63), (1 << 64) - 1


def json_tree(tree: Tree) -> Any:
    """NaN and infinities become the texts NaN, inf and -inf; integers of any size keep their digits."""
    if isinstance(tree, float):
        return tree if math.isfinite(tree) else json_number(tree)
    if isinstance(tree, dict):
        return {str(key): json_tree(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [json_tree(value) for value in tree]
    if isinstance(tree, int) and not _I64_MIN <= tree <= _U64_MAX:
        return msgspec.Raw(str(tree).encode())
    return tree


def json_number(number: float) -> float | str:
    if math.isnan(number):
        return "NaN"
    return number if math.isfinite(number) else ("inf" if number > 0 else "-inf")
