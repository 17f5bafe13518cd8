"""What the protocol's routes are given."""

from dataclasses import dataclass

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from command_api.matyan.connection import Desk


@dataclass(frozen=True, slots=True)
class Matyan:
    """Made once for a process."""

    desk: Desk


FromApp = NamedDependency[SkipValidation[Matyan]]
"""The app's dependency `matyan`."""
