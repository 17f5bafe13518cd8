"""Turns each node of a checked tree into a closure over the frame.

A closure is several times cheaper to run than a walk over the node, and a search runs one query for each run.
"""

import ast
from collections.abc import Callable, Iterator
from typing import Any, Final, cast

from query_api.language.costs import SIZED, charge_rendering
from query_api.language.errors import EvaluationError, QueryRejected
from query_api.language.interpreter import operations
from query_api.language.interpreter.attributes import read_attribute, read_item
from query_api.language.interpreter.callables import invoke
from query_api.language.interpreter.distinct import distinct, mapping
from query_api.language.interpreter.frames import Frame
from query_api.language.interpreter.iteration import counted
from query_api.language.interpreter.loops import LoopCompiler
from query_api.language.interpreter.membership import contains, listed, unwrapped
from query_api.language.interpreter.scopes import Scopes, assigned_names
from query_api.language.literals import is_flat_literal, is_literal, literal_items, literal_value
from query_api.language.objects import RUN_PROPERTIES
from query_api.language.scope import GLOBALS, RUN_NAME, UNSUPPORTED, QueryKind, sequence_name
from query_api.language.values import plain

Evaluator = Callable[[Frame], Any]


def compile_tree(tree: ast.expr, kind: QueryKind) -> Evaluator:
    """The closure of a whole query. Raises QueryRejected for names that the language leaves out on purpose."""
    return Compiler(kind, assigned_names(tree)).compile(tree)


class Compiler(LoopCompiler):
    """One use for each tree, or for several parts of one tree that share their outermost names."""

    def __init__(self, kind: QueryKind, outermost: frozenset[str]) -> None:
        self.scopes = Scopes(outermost)
        self._sequence_name = sequence_name(kind)

    def compile(self, node: ast.expr) -> Evaluator:
        if is_flat_literal(node):
            return self._flat_literal(node)
        return _HANDLERS[type(node)](self, node)

    def constant(self, node: ast.Constant) -> Evaluator:
        value = node.value
        return lambda frame: value

    def _flat_literal(self, node: ast.List | ast.Tuple | ast.Set) -> Evaluator:
        value = _built_literal(node)
        return lambda frame: value

    def name(self, node: ast.Name) -> Evaluator:
        name = node.id
        hops = self.scopes.distance(name)
        if hops is None:
            return self._global_name(name)
        fallback = self._global_name(name) if self.scopes.is_outermost(hops) else _unbound(name)

        def read(frame: Frame) -> Any:
            for _ in range(hops):
                frame = cast("Frame", frame.parent)
            if name in frame.variables:
                return frame.variables[name]
            return fallback(frame)

        return read

    def _global_name(self, name: str) -> Evaluator:
        if name == RUN_NAME:
            return lambda frame: frame.run
        if name == self._sequence_name:
            return lambda frame: frame.sequence
        if name in UNSUPPORTED:
            raise QueryRejected(f"'{name}' is not supported in a query.")
        if name in GLOBALS:
            value = GLOBALS[name]
            return lambda frame: value
        return _unbound(name)

    def named(self, node: ast.NamedExpr) -> Evaluator:
        name = node.target.id
        value = self.compile(node.value)
        hops = self.scopes.assignment_distance()

        def bind(frame: Frame) -> Any:
            result = value(frame)
            for _ in range(hops):
                frame = cast("Frame", frame.parent)
            frame.variables[name] = result
            return result

        return bind

    def attribute(self, node: ast.Attribute) -> Evaluator:
        name = node.attr
        if isinstance(node.value, ast.Name) and node.value.id == RUN_NAME and self.scopes.distance(RUN_NAME) is None:
            return _attribute_of_run(name)
        value = self.compile(node.value)
        return lambda frame: read_attribute(value(frame), name)

    def subscript(self, node: ast.Subscript) -> Evaluator:
        value, key = self.compile(node.value), self.compile(node.slice)
        return lambda frame: read_item(frame, value(frame), key(frame))

    def slice(self, node: ast.Slice) -> Evaluator:
        lower, upper, step = (
            self.compile(part) if part is not None else _nothing for part in (node.lower, node.upper, node.step)
        )
        return lambda frame: slice(plain(lower(frame)), plain(upper(frame)), plain(step(frame)))

    def boolean(self, node: ast.BoolOp) -> Evaluator:
        parts = [self.compile(part) for part in node.values]
        return _conjunction(parts) if isinstance(node.op, ast.And) else _disjunction(parts)

    def unary(self, node: ast.UnaryOp) -> Evaluator:
        if is_literal(node):
            value = literal_value(node)
            return lambda frame: value
        operand, operate = self.compile(node.operand), operations.unary(type(node.op))
        return lambda frame: operate(operand(frame))

    def binary(self, node: ast.BinOp) -> Evaluator:
        left, right, operate = self.compile(node.left), self.compile(node.right), operations.binary(type(node.op))
        return lambda frame: operate(frame, left(frame), right(frame))

    def conditional(self, node: ast.IfExp) -> Evaluator:
        test, body, otherwise = self.compile(node.test), self.compile(node.body), self.compile(node.orelse)
        return lambda frame: body(frame) if test(frame) else otherwise(frame)

    def comparison(self, node: ast.Compare) -> Evaluator:
        left = self.compile(node.left)
        if len(node.ops) == 1:
            return self._single_comparison(left, node.ops[0], node.comparators[0])
        steps = [
            (operations.COMPARISONS[type(op)], self.compile(right))
            for op, right in zip(node.ops, node.comparators, strict=True)
        ]

        def chain(frame: Frame) -> Any:
            value, result = left(frame), True
            for compare, right in steps:
                other = right(frame)
                result = compare(frame, value, other)
                if not result:
                    break
                value = other
            return result

        return chain

    def _single_comparison(self, left: Evaluator, op: ast.cmpop, right_node: ast.expr) -> Evaluator:
        if isinstance(op, (ast.In, ast.NotIn)) and is_flat_literal(right_node):
            membership = _literal_membership(right_node)
            if isinstance(op, ast.In):
                return lambda frame: membership(frame, left(frame))
            return lambda frame: not membership(frame, left(frame))
        if _is_short_literal(right_node) and type(op) in operations.WITH_LITERALS:
            compare_at_once = operations.WITH_LITERALS[type(op)]
            literal = _built_literal(right_node) if is_flat_literal(right_node) else literal_value(right_node)
            return lambda frame: compare_at_once(left(frame), literal)
        compare, right = operations.COMPARISONS[type(op)], self.compile(right_node)
        return lambda frame: compare(frame, left(frame), right(frame))

    def call(self, node: ast.Call) -> Evaluator:
        if any(isinstance(part, ast.Starred) for part in node.args) or any(part.arg is None for part in node.keywords):
            return _starred_call
        function = self.compile(node.func)
        arguments = [self.compile(part) for part in node.args]
        keywords = {part.arg: self.compile(part.value) for part in node.keywords if part.arg is not None}

        def call(frame: Frame) -> Any:
            callee = function(frame)
            values = tuple([argument(frame) for argument in arguments])
            return invoke(frame, callee, values, {name: value(frame) for name, value in keywords.items()})

        return call

    def display(self, node: ast.List | ast.Tuple | ast.Set) -> Evaluator:
        build = _DISPLAYS[type(node)]
        if any(isinstance(item, ast.Starred) for item in node.elts):
            return self._starred_display(node, build)
        items = [self.compile(item) for item in node.elts]
        return lambda frame: frame.budget.keep(build(frame, [item(frame) for item in items]))

    def _starred_display(
        self, node: ast.List | ast.Tuple | ast.Set, build: Callable[[Frame, list[Any]], Any]
    ) -> Evaluator:
        items = [
            (True, self.compile(item.value)) if isinstance(item, ast.Starred) else (False, self.compile(item))
            for item in node.elts
        ]

        def collect(frame: Frame) -> Any:
            values: list[Any] = []
            for starred, item in items:
                if starred:
                    values.extend(counted(frame, item(frame)))
                else:
                    values.append(item(frame))
            return frame.budget.keep(build(frame, values))

        return collect

    def dictionary(self, node: ast.Dict) -> Evaluator:
        pairs = [
            (self.compile(key) if key is not None else None, self.compile(value))
            for key, value in zip(node.keys, node.values, strict=True)
        ]

        def items(frame: Frame) -> Iterator[tuple[Any, Any]]:
            for key, value in pairs:
                if key is not None:
                    yield key(frame), value(frame)
                else:
                    yield from _merged(frame, value(frame))

        return lambda frame: frame.budget.keep(mapping(frame, items(frame)))

    def joined_text(self, node: ast.JoinedStr) -> Evaluator:
        parts = [self.compile(part) for part in node.values]
        return lambda frame: frame.budget.keep("".join([part(frame) for part in parts]))

    def formatted(self, node: ast.FormattedValue) -> Evaluator:
        value = self.compile(node.value)
        convert = _CONVERSIONS[node.conversion]
        spec = self.compile(node.format_spec) if node.format_spec is not None else _empty_text

        def render(frame: Frame) -> str:
            shown = value(frame)
            if type(shown) in SIZED:
                charge_rendering(frame.budget, shown)
            shown, pattern = convert(shown), spec(frame)
            operations.check_format_spec(frame, pattern)
            return cast("str", frame.budget.keep(format(shown, pattern)))

        return render


def _attribute_of_run(name: str) -> Evaluator:
    reader = RUN_PROPERTIES.get(name)
    if reader is not None:
        return lambda frame: reader(frame.run)
    if name == "get":
        return lambda frame: read_attribute(frame.run, name)
    return lambda frame: frame.run.parameter(name)


def _unbound(name: str) -> Evaluator:
    def fail(frame: Frame) -> Any:
        raise EvaluationError(f"name '{name}' is not defined")

    return fail


def _nothing(frame: Frame) -> None:
    return None


def _empty_text(frame: Frame) -> str:
    return ""


def _starred_call(frame: Frame) -> Any:
    raise EvaluationError("calls with * or ** are not supported")


def _conjunction(parts: list[Evaluator]) -> Evaluator:
    *firsts, last = parts

    def evaluate(frame: Frame) -> Any:
        for part in firsts:
            value = part(frame)
            if not value:
                return value
        return last(frame)

    return evaluate


def _disjunction(parts: list[Evaluator]) -> Evaluator:
    *firsts, last = parts

    def evaluate(frame: Frame) -> Any:
        for part in firsts:
            value = part(frame)
            if value:
                return value
        return last(frame)

    return evaluate


def _built_literal(node: ast.List | ast.Tuple | ast.Set) -> Any:
    items = literal_items(node)
    if isinstance(node, ast.List):
        return items
    return tuple(items) if isinstance(node, ast.Tuple) else set(items)


def _is_short_literal(node: ast.expr) -> bool:
    """What there is to compare with it is bounded by the text of the query."""
    return isinstance(node, ast.Constant) or (is_flat_literal(node) and len(node.elts) <= _SHORT_LITERAL)


def _literal_membership(node: ast.List | ast.Tuple | ast.Set) -> Callable[[Frame, Any], bool]:
    """`in` for a display of literals; a text in a display of texts, as for rows selected in the UI, is a look-up."""
    container = _built_literal(node)
    if isinstance(container, set):
        return lambda frame, value: contains(frame, value, container)
    if not all(type(item) is str for item in container):
        return lambda frame, value: listed(frame, value, container, is_stored=True)
    texts = frozenset(container)

    def look_up(frame: Frame, value: Any) -> bool:
        value = unwrapped(value)
        return value in texts if type(value) is str else listed(frame, value, container, is_stored=True)

    return look_up


def _merged(frame: Frame, other: Any) -> Iterator[tuple[Any, Any]]:
    other = plain(other)
    if not isinstance(other, dict):
        raise TypeError("** needs a dict")
    frame.budget.keep(other)
    for key in counted(frame, other):
        yield key, other[key]


_SHORT_LITERAL: Final = 32

_DISPLAYS: Final[dict[type[ast.expr], Callable[[Frame, list[Any]], Any]]] = {
    ast.List: lambda frame, items: items,
    ast.Tuple: lambda frame, items: tuple(items),
    ast.Set: distinct,
}
_CONVERSIONS: Final[dict[int, Callable[[Any], Any]]] = {
    -1: lambda value: value,
    ord("s"): str,
    ord("r"): repr,
    ord("a"): ascii,
}

_HANDLERS: Final[dict[type[ast.expr], Callable[[Compiler, Any], Evaluator]]] = {
    ast.Constant: Compiler.constant,
    ast.Name: Compiler.name,
    ast.NamedExpr: Compiler.named,
    ast.Attribute: Compiler.attribute,
    ast.Subscript: Compiler.subscript,
    ast.Slice: Compiler.slice,
    ast.BoolOp: Compiler.boolean,
    ast.UnaryOp: Compiler.unary,
    ast.BinOp: Compiler.binary,
    ast.IfExp: Compiler.conditional,
    ast.Compare: Compiler.comparison,
    ast.Call: Compiler.call,
    ast.List: Compiler.display,
    ast.Tuple: Compiler.display,
    ast.Set: Compiler.display,
    ast.Dict: Compiler.dictionary,
    ast.JoinedStr: Compiler.joined_text,
    ast.FormattedValue: Compiler.formatted,
    ast.Lambda: Compiler.function,
    ast.ListComp: Compiler.list_loop,
    ast.SetComp: Compiler.set_loop,
    ast.DictComp: Compiler.dict_loop,
    ast.GeneratorExp: Compiler.generator_loop,
}
