"""Comprehensions, generator expressions and lambdas: the parts of a query that open a frame of their own."""

import ast
from collections.abc import Callable, Iterator
from typing import Any

from query_api.language.interpreter.callables import Arguments, Keywords, QueryFunction
from query_api.language.interpreter.distinct import distinct, mapping
from query_api.language.interpreter.frames import Frame
from query_api.language.interpreter.iteration import iterate
from query_api.language.interpreter.scopes import Comprehension, Scopes, argument_names, assigned_names, target_names
from query_api.language.literals import walk

Evaluator = Callable[[Frame], Any]
Binder = Callable[[Frame, Any], None]
Loop = Callable[[Frame, Any], Iterator[None]]
"""Runs over all combinations of the loop variables: from the frame of the loop and the first iterable."""


class LoopCompiler:
    """The half of the compiler that handles frames."""

    scopes: Scopes

    def compile(self, node: ast.expr) -> Evaluator:
        raise NotImplementedError

    def list_loop(self, node: ast.ListComp) -> Evaluator:
        (element,), loop, first = self._loop(node, node.elt)

        def build(frame: Frame) -> Any:
            inner = frame.inner()
            return frame.budget.keep([element(inner) for _ in loop(inner, first(frame))])

        return build

    def set_loop(self, node: ast.SetComp) -> Evaluator:
        (element,), loop, first = self._loop(node, node.elt)

        def build(frame: Frame) -> Any:
            inner = frame.inner()
            return frame.budget.keep(distinct(frame, (element(inner) for _ in loop(inner, first(frame)))))

        return build

    def dict_loop(self, node: ast.DictComp) -> Evaluator:
        (key, value), loop, first = self._loop(node, node.key, node.value)

        def build(frame: Frame) -> Any:
            inner = frame.inner()
            pairs = ((key(inner), value(inner)) for _ in loop(inner, first(frame)))
            return frame.budget.keep(mapping(frame, pairs))

        return build

    def generator_loop(self, node: ast.GeneratorExp) -> Evaluator:
        (element,), loop, first = self._loop(node, node.elt)

        def build(frame: Frame) -> Any:
            inner = frame.inner()
            # The first iterable is evaluated, and must be iterable, before the generator is used.
            items = iterate(first(frame))
            return (element(inner) for _ in loop(inner, items))

        return build

    def _loop(self, node: Comprehension, *elements: ast.expr) -> tuple[list[Evaluator], Loop, Evaluator]:
        first = self.compile(node.generators[0].iter)
        steps = _parts(node)
        self.scopes.enter(target_names(node), keeps_assignments=False)
        try:
            loop = self._nested(node.generators, steps)
            return [self.compile(element) for element in elements], loop, first
        finally:
            self.scopes.leave()

    def _nested(self, generators: list[ast.comprehension], steps: int) -> Loop:
        """The loop over the first generator with all the others inside."""
        head, *others = generators
        bind = self._binder(head.target)
        conditions = [self.compile(condition) for condition in head.ifs]
        inner_items = self.compile(others[0].iter) if others else None
        inner_loop = self._nested(others, steps) if others else None

        def loop(frame: Frame, items: Any) -> Iterator[None]:
            budget = frame.budget
            for item in _iterator(items):
                budget.take_steps(steps)
                bind(frame, item)
                if not all(condition(frame) for condition in conditions):
                    continue
                if inner_loop is None or inner_items is None:
                    yield
                else:
                    yield from inner_loop(frame, inner_items(frame))

        return loop

    def _binder(self, target: ast.expr) -> Binder:
        if isinstance(target, ast.Name):
            return _bind_name(target.id)
        if isinstance(target, (ast.Tuple, ast.List)):
            return self._unpacking_binder(target.elts)
        raise TypeError(f"{type(target).__name__} cannot be a loop variable")

    def _unpacking_binder(self, targets: list[ast.expr]) -> Binder:
        star = next((index for index, target in enumerate(targets) if isinstance(target, ast.Starred)), None)
        binders = [self._binder(target.value if isinstance(target, ast.Starred) else target) for target in targets]

        def bind(frame: Frame, item: Any) -> None:
            values = list(iterate(item))
            frame.budget.take_steps(len(values))
            if star is not None:
                end = len(values) - (len(binders) - star - 1)
                if end < star:
                    raise ValueError("not enough values to unpack")
                values[star:end] = [values[star:end]]
            for binder, value in zip(binders, values, strict=True):
                binder(frame, value)

        return bind

    def function(self, node: ast.Lambda) -> Evaluator:
        defaults = self._defaults(node)
        names = argument_names(node)
        steps = _parts(node)
        self.scopes.enter(frozenset(names) | assigned_names(node.body), keeps_assignments=True)
        try:
            body = self.compile(node.body)
        finally:
            self.scopes.leave()
        positional = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
        only_positional = frozenset(argument.arg for argument in node.args.posonlyargs)
        signature = _Signature(names, positional, only_positional)

        def make(frame: Frame) -> Any:
            values = {name: default(frame) for name, default in defaults.items()}
            return _closure(frame, signature, values, body, steps)

        return make

    def _defaults(self, node: ast.Lambda) -> dict[str, Evaluator]:
        arguments = node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        with_default = positional[len(positional) - len(arguments.defaults) :]
        pairs = [*zip(with_default, arguments.defaults, strict=True)]
        pairs += [
            (argument, default)
            for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default is not None
        ]
        return {argument.arg: self.compile(default) for argument, default in pairs}


class _Signature:
    """The arguments of a lambda."""

    __slots__ = ("_names", "_only_positional", "_positional")

    def __init__(self, names: list[str], positional: list[str], only_positional: frozenset[str]) -> None:
        self._names = names
        self._positional = positional
        self._only_positional = only_positional

    def bind(self, arguments: Arguments, keywords: Keywords, defaults: dict[str, Any]) -> dict[str, Any]:
        """The variables of one call; TypeError if the arguments do not fit."""
        if len(arguments) > len(self._positional):
            raise TypeError("too many positional arguments")
        bound = dict(zip(self._positional, arguments, strict=False))
        for name, value in keywords.items():
            if name in bound or name not in self._names or name in self._only_positional:
                raise TypeError(f"unexpected argument {name}")
            bound[name] = value
        bound = {**defaults, **bound}
        if len(bound) < len(self._names):
            raise TypeError("missing arguments")
        return bound


def _closure(
    outer: Frame, signature: _Signature, defaults: dict[str, Any], body: Evaluator, steps: int
) -> QueryFunction:
    def call(frame: Frame, arguments: Arguments, keywords: Keywords) -> Any:
        inner = outer.inner()
        inner.variables = signature.bind(arguments, keywords, defaults)
        budget = outer.budget
        budget.enter_call(steps)
        try:
            return body(inner)
        finally:
            budget.leave_call()

    return QueryFunction("lambda", call)


def _bind_name(name: str) -> Binder:
    def bind(frame: Frame, item: Any) -> None:
        frame.variables[name] = item

    return bind


def _iterator(items: Any) -> Iterator[Any]:
    return items if isinstance(items, Iterator) else iterate(items)


def _parts(node: ast.AST) -> int:
    """The cost of one turn: the expressions inside, a look-up of a name not counted."""
    return 1 + sum(isinstance(part, ast.expr) and not isinstance(part, ast.Name) for part in walk(node)) // 2
