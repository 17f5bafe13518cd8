"""The fold of the catalog: what all runs share, in one total order. The rules stand in a file for each subject."""

from contracts.envelope import Recorded
from contracts.errors import InvalidEvent
from contracts.events import Event
from contracts.position import Position
from projector.fold import boards, experiments, settings, tags
from projector.fold.catalog_rules import Rule
from projector.fold.catalog_state import CatalogState
from projector.fold.outcome import Applied, Outcome


def fold_catalog(state: CatalogState, recorded: Recorded, position: Position) -> tuple[CatalogState, Outcome]:
    """Pure, and the old state stays valid. The first creation of a name in log order wins.

    The state of an ignored creation differs: it knows the alias. Raises InvalidEvent for an event of a run.
    """
    event = recorded.event
    rule = RULES.get(type(event))
    if rule is None:
        raise InvalidEvent(f"{type(event).__name__} is no event of the catalog")
    after, refusal = rule(state, event, position.version)
    return after, refusal or Applied(event)


RULES: dict[type[Event], Rule] = {
    **experiments.RULES,
    **tags.RULES,
    **settings.RULES,
    **boards.RULES,
}
"""What an event does to the catalog, or why it is refused."""

HANDLED: frozenset[type[Event]] = frozenset(RULES)
"""Every event that `fold_catalog` takes."""
