"""Messages of a run that was deleted: acknowledged and dropped, so they must leave no name and no content behind."""

from command_api.application.lookups import of_run
from command_api.application.ports import Tools
from contracts.errors import Unavailable


async def is_surely_deleted(tools: Tools, run_id: str) -> bool:
    """Whether the fold would drop what the run sends now. No wait: where the views cannot tell, it might not.

    A tombstone alone is not enough: it may be lifted in the log, and what its run sends from then on must not be lost.
    So it has to stand in views that held all that the log held of the run when the question came.
    """
    try:
        return (
            await tools.views.is_deleted(run_id)
            and await tools.catch_up.is_level({of_run(run_id)})
            and await tools.views.is_deleted(run_id)
        )
    except Unavailable:
        return False
