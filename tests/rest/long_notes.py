"""Notes that no event holds, of runs and of experiments."""

from tests.rest.asking import Rest

from contracts.rest.bounds import MAX_NOTE_BYTES

MEBIBYTE = 1 << 20
LONG_TEXTS = ["x" * MEBIBYTE, "\u00e4" * MEBIBYTE, "\u00e4" * (MAX_NOTE_BYTES // 2)]
LONG_TEXTS_ARE = ["a mebibyte", "as many characters", "the longest"]
TOO_LONG = ["x" * (MAX_NOTE_BYTES + 1), "\u00e4" * (MAX_NOTE_BYTES // 2 + 1)]


async def is_whole(rest: Rest, notes: str, note_id: str, content: str) -> None:
    """In every answer that shows it, before and after another text took its place. notes: path of the list."""
    for text in (content, f"{content[:-1]}y"):
        if text != content:
            changed = await rest.put(f"{notes}/{note_id}", {"content": text})
            assert (changed.status_code, changed.json()["content"] == text) == (200, True)
        assert [note["content"] == text for note in await rest.read(notes)] == [True]
        assert (await rest.read(f"{notes}/{note_id}"))["content"] == text
