"""The kinds of sequences that readers may ask for by name."""

from collections.abc import Sequence

from contracts.errors import BadRequest

METRIC = "metric"
KINDS = (METRIC, "images", "texts", "distributions", "audios", "figures")


def check_kinds(asked: Sequence[str] | None) -> tuple[str, ...]:
    """The kinds that are asked for, each once; all of them for none. Raises BadRequest for an unknown one."""
    for kind in asked or ():
        if kind not in KINDS:
            raise BadRequest(f"'{kind}' is not a valid Sequence")
    return tuple(dict.fromkeys(asked)) if asked else KINDS
