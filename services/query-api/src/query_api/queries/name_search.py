"""How the catalog is searched by name."""


def is_named(name: str, text: str) -> bool:
    """Whether the text, trimmed, is a part of the name, whatever the case; an empty one is of every name."""
    return text.strip().casefold() in name.casefold()
