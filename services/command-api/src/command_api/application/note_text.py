"""What a note of a run or of an experiment says."""

from contracts.errors import ValidationFailed
from contracts.rest.bounds import MAX_NOTE_BYTES
from contracts.trees import clean_text


def note_text(content: str) -> str:
    """Trimmed. Raises ValidationFailed for a text that is too long."""
    text = clean_text(content).strip()
    size = len(text.encode())
    if size > MAX_NOTE_BYTES:
        raise ValidationFailed(f"content: a note may have {MAX_NOTE_BYTES} bytes of UTF-8, this one has {size}")
    return text
