"""Settings of the HTTP edge; every service that listens has one of these groups."""

from collections.abc import Mapping

import msgspec

MEBIBYTE = 1 << 20

DEFAULT_ORIGINS = (
    "http://localhost:3000",
    "http://localhost:8000",
    "http://localhost:8080",
    "http://localhost:53800",
    "http://127.0.0.1:8000",
    "http://127.0.0.1:53800",
)


class EdgeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """cors_origins: TALLYBOOK_CORS_ORIGINS, comma separated; pages of these origins may call the API and mutate.

    max_body_bytes: TALLYBOOK_MAX_BODY_BYTES; a larger body is answered 413 and not read.
    actor_header: TALLYBOOK_ACTOR_HEADER, the header that a trusted ingress sets to the user's name; empty: nobody does,
    and the history says `claimed`.
    aim_base: TALLYBOOK_AIM_BASE, the path under which the Aim UI is served, no trailing slash.
    """

    cors_origins: tuple[str, ...] = DEFAULT_ORIGINS
    max_body_bytes: int = 64 * MEBIBYTE
    actor_header: str = ""
    aim_base: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "EdgeSettings":
        origins = environment.get("TALLYBOOK_CORS_ORIGINS")
        return cls(
            cors_origins=tuple(o.strip() for o in origins.split(",") if o.strip()) if origins else DEFAULT_ORIGINS,
            max_body_bytes=int(environment.get("TALLYBOOK_MAX_BODY_BYTES", 64 * MEBIBYTE)),
            actor_header=environment.get("TALLYBOOK_ACTOR_HEADER", ""),
            aim_base=environment.get("TALLYBOOK_AIM_BASE", "").rstrip("/"),
        )
