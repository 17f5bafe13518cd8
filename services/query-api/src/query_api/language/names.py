"""Sets of sequence names that may be finite or the complement of a finite set."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class NameSet:
    """`names`, or every name but `names`."""

    names: frozenset[str]
    negated: bool = False

    def complement(self) -> "NameSet":
        return NameSet(self.names, not self.negated)

    def finite(self) -> frozenset[str] | None:
        """The names, or None if there is no bound to their number."""
        return None if self.negated else self.names

    def _meet(self, other: "NameSet") -> "NameSet":
        if self.negated and other.negated:
            return NameSet(self.names | other.names, negated=True)
        if self.negated:
            return NameSet(other.names - self.names)
        return NameSet(self.names - other.names if other.negated else self.names & other.names)

    @staticmethod
    def common(sets: Iterable["NameSet"]) -> "NameSet":
        """The intersection."""
        result = ALL_NAMES
        for names in sets:
            result = result._meet(names)
        return result

    @staticmethod
    def union(sets: Iterable["NameSet"]) -> "NameSet":
        return NameSet.common(names.complement() for names in sets).complement()


ALL_NAMES: Final = NameSet(frozenset(), negated=True)
NO_NAMES: Final = NameSet(frozenset())
