"""Displays that hold nothing but literals: they count as one part of a query and are built once."""

import ast
from collections.abc import Iterator
from typing import Any, Final, TypeGuard

_WITHOUT_MEANING: Final = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)


def is_flat_literal(node: ast.AST) -> TypeGuard[ast.List | ast.Tuple | ast.Set]:
    """A list, tuple or set of at least one literal, negative numbers included."""
    return (
        isinstance(node, (ast.List, ast.Tuple, ast.Set))
        and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
        and bool(node.elts)
        and all(is_literal(item) for item in node.elts)
    )


def is_literal(node: ast.AST) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return isinstance(node.operand, ast.Constant) and type(node.operand.value) in (int, float, complex)
    return isinstance(node, ast.Constant)


def literal_value(node: ast.AST) -> Any:
    """The value of a node for which `is_literal` holds."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
        value: Any = node.operand.value
        return -value
    if isinstance(node, ast.Constant):
        return node.value
    raise TypeError(f"{type(node).__name__} is no literal")


def literal_items(node: ast.List | ast.Tuple | ast.Set) -> list[Any]:
    return [literal_value(item) for item in node.elts]


def meaningful_children(node: ast.AST) -> Iterator[ast.AST]:
    """The children without the nodes that only name an operator or a context."""
    return (child for child in ast.iter_child_nodes(node) if not isinstance(child, _WITHOUT_MEANING))


def walk(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node of a tree, the items of flat displays left out: they may be many and say nothing."""
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        if not is_flat_literal(node):
            pending.extend(meaningful_children(node))
