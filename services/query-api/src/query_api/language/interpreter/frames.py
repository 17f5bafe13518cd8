"""The variables and the data of one evaluation."""

from typing import Any, Optional

from query_api.language.budget import QueryBudget
from query_api.language.objects import RunObject, SequenceObject


class Frame:
    """One activation of the query, of a lambda or of a comprehension."""

    __slots__ = ("budget", "parent", "run", "sequence", "variables")

    def __init__(
        self, run: RunObject, sequence: SequenceObject | None, budget: QueryBudget, parent: Optional["Frame"] = None
    ) -> None:
        self.run = run
        self.sequence = sequence
        self.budget = budget
        self.parent = parent
        self.variables: dict[str, Any] = {}

    def inner(self) -> "Frame":
        return Frame(self.run, self.sequence, self.budget, self)
