"""`tallybook up`: the server, in the foreground."""

import logging
import os
import sys
from pathlib import Path

import rich_click as click

from standalone.commands.options import data_option, ingest_port_option, port_option


@click.command()
@data_option
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    envvar="TALLYBOOK_HOST",
    show_envvar=True,
    help="The address to listen on. There is no log-in: leave it at this machine, or put a proxy before it.",
)
@port_option
@ingest_port_option
def up(data: Path, host: str, port: int, ingest_port: int) -> None:
    """Start the server and serve until Ctrl-C or SIGTERM.

    Makes the data folder if it is not there. It answers when it says that it is ready, not before. A folder belongs
    to one server at a time; a second one refuses with exit status 2, as for a port that is in use.
    """
    from standalone.server import Ready, serve
    from standalone.settings import StandaloneSettings

    _log_to_stderr()
    settings = StandaloneSettings.from_environment(os.environ, data=data, host=host, port=port, ingest_port=ingest_port)

    def on_ready(ready: Ready) -> None:
        from standalone.commands.printing import print_ready

        print_ready(ready)

    serve(settings, on_ready, lambda text: click.echo(f"tallybook: {text}", err=True))


def _log_to_stderr() -> None:
    import structlog

    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    structlog.configure(
        # Plain: the default one prints all local values of a traceback, users' texts among them.
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
