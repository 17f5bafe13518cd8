"""Which row of the routing table a recorded request belongs to."""

from contracts.routes import AIM_PREFIX, ROUTES, Route


def row_of(method: str, path: str) -> int | None:
    """The row, None for what no route of ours has. path: as recorded, below the Aim UI's prefix."""
    parts = path.partition("?")[0].removeprefix(AIM_PREFIX).strip("/").split("/")
    fitting = [route for route in ROUTES if route.method == method and _fits(route, parts)]
    # Static segments win over parameters.
    best = min(fitting, key=lambda route: route.path.count("{"), default=None)
    return None if best is None else best.row


def _fits(route: Route, parts: list[str]) -> bool:
    pattern = route.path.strip("/").split("/")
    return (
        AIM_PREFIX in route.prefixes
        and len(pattern) == len(parts)
        and all(wanted in ("", part) or wanted.startswith("{") for wanted, part in zip(pattern, parts, strict=True))
    )
