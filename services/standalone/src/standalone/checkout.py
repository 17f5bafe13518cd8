"""The checkout that this package runs from: the example and the tests are no part of an installed package."""

from pathlib import Path

from standalone.errors import Refused


def checkout() -> Path:
    """The root of the repository. Raises Refused where the package was installed without it."""
    root = Path(__file__).resolve().parents[4]
    if not (root / "examples" / "train_digits.py").is_file():
        raise Refused("this needs a checkout of the repository: start it there by ./tallybook")
    return root
