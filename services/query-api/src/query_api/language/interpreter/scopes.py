"""Which frame holds a name, decided once for each use."""

import ast
from collections.abc import Iterator

from query_api.language.literals import is_flat_literal, meaningful_children

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def assigned_names(node: ast.AST) -> frozenset[str]:
    """Targets of `:=` that belong to the scope of `node`: those inside a nested lambda belong to the lambda."""
    return frozenset(_assigned(node))


def _assigned(node: ast.AST) -> Iterator[str]:
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, ast.NamedExpr):
            yield current.target.id
        if isinstance(current, ast.Lambda):
            pending.extend(default for default in (*current.args.defaults, *current.args.kw_defaults) if default)
        else:
            pending.extend(meaningful_children(current) if not is_flat_literal(current) else ())


def argument_names(node: ast.Lambda) -> list[str]:
    arguments = node.args
    return [argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def target_names(node: Comprehension) -> frozenset[str]:
    return frozenset(
        name.id for part in node.generators for name in ast.walk(part.target) if isinstance(name, ast.Name)
    )


class Scopes:
    """The scopes around the node that is being compiled, outermost first."""

    def __init__(self, outermost: frozenset[str]) -> None:
        self._names = [outermost]
        self._keeps_assignments = [True]

    def enter(self, names: frozenset[str], keeps_assignments: bool) -> None:
        """keeps_assignments: a lambda keeps what `:=` binds in it, a comprehension passes it to the scope around."""
        self._names.append(names)
        self._keeps_assignments.append(keeps_assignments)

    def leave(self) -> None:
        self._names.pop()
        self._keeps_assignments.pop()

    def distance(self, name: str) -> int | None:
        """How many frames out the name is bound; None if no scope of the query binds it."""
        for hops, names in enumerate(reversed(self._names)):
            if name in names:
                return hops
        return None

    def assignment_distance(self) -> int:
        """How many frames out `:=` binds."""
        return next(hops for hops, keeps in enumerate(reversed(self._keeps_assignments)) if keeps)

    def is_outermost(self, hops: int) -> bool:
        return hops == len(self._names) - 1
