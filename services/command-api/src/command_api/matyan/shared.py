"""What the protocol's routes are given."""

from dataclasses import dataclass
from typing import Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from command_api.application.uploads import Uploads
from command_api.matyan.connection import Desk

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Matyan:
    """Made once for a process."""

    desk: Desk
    uploads: Uploads


FromApp = NamedDependency[SkipValidation[Matyan]]
"""The app's dependency `matyan`."""
