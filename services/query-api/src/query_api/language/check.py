"""What an expression may contain: sizes, names and kinds of nodes. Nothing is evaluated before this check passed."""

import ast
from typing import Final, NoReturn

from query_api.language.errors import QueryRejected, QuerySyntaxError, SyntaxDetail
from query_api.language.literals import is_flat_literal, meaningful_children, walk
from query_api.language.source import QuerySource

MAX_NODES: Final = 2_000
"""Expressions in one query; a flat display of literals counts as one."""
MAX_DEPTH: Final = 64
MAX_INT_LITERAL_BITS: Final = 16_384

_ALLOWED: Final = (
    ast.BoolOp, ast.NamedExpr, ast.BinOp, ast.UnaryOp, ast.Lambda, ast.IfExp, ast.Dict, ast.Set, ast.ListComp,
    ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Compare, ast.Call, ast.FormattedValue, ast.JoinedStr,
    ast.Constant, ast.Attribute, ast.Subscript, ast.Starred, ast.Name, ast.List, ast.Tuple, ast.Slice,
    ast.comprehension, ast.keyword, ast.arguments, ast.arg,
)  # fmt: skip
_COMPREHENSIONS: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_CODE_RUNNERS: Final = frozenset({"exec", "eval"})
_INSPECTION: Final = frozenset({
    "tb_frame", "tb_next", "f_back", "f_builtins", "f_code", "f_globals", "f_locals", "f_trace", "co_code",
    "gi_frame", "gi_code", "gi_yieldfrom", "cr_await", "cr_frame", "cr_code", "cr_origin",
    "ag_await", "ag_frame", "ag_code",
})  # fmt: skip


def check(tree: ast.expr, source: QuerySource) -> None:
    """Raises QueryRejected for what is forbidden or too large, QuerySyntaxError for what Python refuses later."""
    # Sizes first: the checks of loops look at whole subtrees.
    _check_sizes(tree)
    for node in walk(tree):
        _check_node(node, source)


def _check_sizes(tree: ast.expr) -> None:
    count = 0
    pending: list[tuple[ast.AST, int]] = [(tree, 1)]
    while pending:
        node, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise QueryRejected(f"The query is nested more than {MAX_DEPTH} levels deep.")
        count += isinstance(node, ast.expr)
        if count > MAX_NODES:
            raise QueryRejected(f"The query has more than {MAX_NODES} parts.")
        if not is_flat_literal(node):
            pending.extend((child, depth + isinstance(node, ast.expr)) for child in meaningful_children(node))


def _check_node(node: ast.AST, source: QuerySource) -> None:
    if isinstance(node, (ast.Yield, ast.YieldFrom)):
        _refuse_syntax(node, "'yield' outside function")
    if isinstance(node, ast.Await):
        _refuse_syntax(node, "'await' outside function")
    if not isinstance(node, _ALLOWED):
        _reject(node, source, f"{type(node).__name__} is not allowed in a query.")
    _check_names(node, source)
    if isinstance(node, ast.Constant):
        _check_constant(node, source)
    elif is_flat_literal(node):
        _check_literals(node, source)
    elif isinstance(node, ast.Lambda):
        _check_lambda(node, source)
    elif isinstance(node, ast.Call):
        _check_keywords(node)
    elif isinstance(node, _COMPREHENSIONS):
        _check_comprehension(node, source)


def _check_names(node: ast.AST, source: QuerySource) -> None:
    name = _name_of(node)
    # A single underscore is the customary name of a value that nobody reads.
    if name is None or name == "_":
        return
    if name.startswith("_"):
        _reject(node, source, f"The name '{name}' is not allowed: it starts with an underscore.")
    if isinstance(node, ast.Name) and name in _CODE_RUNNERS:
        _reject(node, source, f"'{name}' is not allowed in a query.")
    if isinstance(node, ast.Attribute) and name in _INSPECTION:
        _reject(node, source, f"The attribute '{name}' is not allowed in a query.")


def _name_of(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, (ast.arg, ast.keyword)):
        return node.arg
    return None


def _check_literals(node: ast.List | ast.Tuple | ast.Set, source: QuerySource) -> None:
    for literal in node.elts:
        constant = literal.operand if isinstance(literal, ast.UnaryOp) else literal
        if isinstance(constant, ast.Constant):
            _check_constant(constant, source)


def _check_constant(node: ast.Constant, source: QuerySource) -> None:
    if isinstance(node.value, int) and node.value.bit_length() > MAX_INT_LITERAL_BITS:
        _reject(node, source, f"An integer has more than {MAX_INT_LITERAL_BITS} bits.")


def _check_lambda(node: ast.Lambda, source: QuerySource) -> None:
    arguments = node.args
    if arguments.vararg is not None or arguments.kwarg is not None:
        _reject(node, source, "A lambda with * or ** is not supported.")
    seen: set[str] = set()
    for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        if argument.arg in seen:
            _refuse_syntax(argument, f"duplicate argument '{argument.arg}' in function definition")
        seen.add(argument.arg)


def _check_keywords(node: ast.Call) -> None:
    seen: set[str | None] = set()
    for keyword in node.keywords:
        if keyword.arg is not None and keyword.arg in seen:
            _refuse_syntax(keyword, f"keyword argument repeated: {keyword.arg}")
        seen.add(keyword.arg)


def _check_stars(target: ast.expr) -> None:
    if isinstance(target, ast.Starred):
        _refuse_syntax(target, "starred assignment target must be in a list or tuple")
    for part in walk(target):
        if isinstance(part, (ast.Tuple, ast.List)) and sum(isinstance(one, ast.Starred) for one in part.elts) > 1:
            _refuse_syntax(part, "multiple starred expressions in assignment")


def _check_comprehension(
    node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, source: QuerySource
) -> None:
    targets: set[str] = set()
    for generator in node.generators:
        if generator.is_async:
            _refuse_syntax(node, "asynchronous comprehension outside of an asynchronous function")
        if any(isinstance(child, ast.NamedExpr) for child in walk(generator.iter)):
            _refuse_syntax(node, "assignment expression cannot be used in a comprehension iterable expression")
        _check_stars(generator.target)
        for target in walk(generator.target):
            if isinstance(target, (ast.Attribute, ast.Subscript)):
                _reject(target, source, "A loop inside a query can only bind names.")
            if isinstance(target, ast.Name):
                targets.add(target.id)
    for child in walk(node):
        if isinstance(child, ast.NamedExpr) and child.target.id in targets:
            _refuse_syntax(
                child, f"assignment expression cannot rebind comprehension iteration variable '{child.target.id}'"
            )


def _refuse_syntax(node: ast.expr | ast.arg | ast.keyword, problem: str) -> NoReturn:
    """As the reference's second compiler pass reports: positions, but no statement."""
    detail = SyntaxDetail(None, node.lineno, node.col_offset + 1, (node.end_col_offset or -1) + 1)
    raise QuerySyntaxError(f"Invalid query syntax: {problem} (<query>, line {node.lineno})", detail)


def _reject(node: ast.AST, source: QuerySource, message: str) -> NoReturn:
    line = getattr(node, "lineno", None)
    if line is None:
        raise QueryRejected(message, SyntaxDetail(source.wrapped, 1, 1, 0))
    offset = getattr(node, "col_offset", 0) + 1
    end_offset = (getattr(node, "end_col_offset", None) or -1) + 1
    raise QueryRejected(message, SyntaxDetail(source.wrapped, line, offset, end_offset))
