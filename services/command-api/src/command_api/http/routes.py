"""Every route of the command API, by where it is mounted."""

from litestar.handlers import HTTPRouteHandler

from command_api.http import boards, experiments, ingest, pins, run_batches, runs, tags

REST: tuple[HTTPRouteHandler, ...] = (
    *runs.ROUTES,
    *run_batches.ROUTES,
    *experiments.ROUTES,
    *tags.ROUTES,
    *pins.ROUTES,
    *boards.ROUTES,
)
"""Under both prefixes."""

REST_ONLY: tuple[HTTPRouteHandler, ...] = ()
"""Under our own prefix alone."""

ROOT: tuple[HTTPRouteHandler, ...] = ingest.ROUTES
"""At the path that they name."""
