"""The command on pinned sequences: row 65 of the REST contract."""

from collections.abc import Sequence

from command_api.application.answers import Decided, carry_out
from command_api.application.ports import Caller, Tools
from command_api.application.recording import ToAppend
from contracts.events import PinnedSequence, SequencesPinned
from contracts.trees import clean_text, clean_tree


async def pin_sequences(
    tools: Tools, caller: Caller, sequences: Sequence[PinnedSequence]
) -> tuple[list[PinnedSequence], Decided]:
    """Replaces the whole list, for all users; the list as it was kept."""
    cleaned = [PinnedSequence(clean_text(s.name), clean_tree(s.context)) for s in sequences]
    event = SequencesPinned(sequences=tuple(cleaned))
    return cleaned, await carry_out(tools, caller, [ToAppend(event)])
