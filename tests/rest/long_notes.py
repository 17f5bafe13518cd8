"""Notes that no event holds, of runs and of experiments."""

from tests.rest.asking import Rest, invalid

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


async def is_told_how_long(rest: Rest, notes: str, content: str) -> None:
    """Who writes a note, or another text in its place; nothing changes. notes: path of a list that is empty yet."""
    note = await rest.made(notes, {"content": "x"})
    for method, below in (("POST", ""), ("PUT", f"/{note['id']}")):
        invalid(await rest.ask(method, f"{notes}{below}", {"content": content}), str(MAX_NOTE_BYTES))
    assert [one["content"] for one in await rest.read(notes)] == ["x"]
