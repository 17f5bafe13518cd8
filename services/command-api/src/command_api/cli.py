"""`tallybook-command-api`: take mutations and ingestion until told to stop; or do what time does; or make the topics.

One housekeeper is enough for all replicas. The topics are a job of their own: nothing that serves makes a topic, since
the partitions of a log are chosen once.
"""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Coroutine
from typing import Any, Never

import uvicorn

from command_api.cluster import cluster_app, keep_house
from command_api.errors import SettingsError
from command_api.settings import CommandApiSettings, KafkaSettings
from contracts.errors import LogMismatch, Unavailable
from contracts.topics import TOPICS
from edge.interpreter import spare_collector
from stores.eventlog.kafka_topics import create_topics

_CANNOT_START = 2


def main() -> None:
    """Settings come from the environment. Exits with 2 and the reason if it cannot start."""
    try:
        command = _parser().parse_args().command
        if command == "topics":
            asyncio.run(_make_topics(KafkaSettings.from_environment(os.environ)))
            return
        settings = CommandApiSettings.from_environment(os.environ)
        _run(keep_house(settings) if command == "housekeeper" else _serve(settings))
    except (SettingsError, Unavailable, LogMismatch) as error:
        sys.stderr.write(f"tallybook-command-api: {error}\n")
        sys.exit(_CANNOT_START)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tallybook-command-api", description="Settings come from the environment.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("serve", help="take mutations and ingestion until told to stop (what no command means too)")
    commands.add_parser(
        "housekeeper",
        help="do what time does: finish runs whose client went away, purge old trash, ...",
    )
    commands.add_parser("topics", help="make the log's topics that are missing and check those that are there")
    return parser


async def _make_topics(kafka: KafkaSettings) -> None:
    """Says one line for each topic; changes none that is there."""
    made = await create_topics(kafka.kafka_bootstrap, kafka.kafka_replication, kafka.kafka_min_insync, kafka.security)
    for name in TOPICS:
        sys.stdout.write(f"{name}: {'made' if name in made else 'is as it should be'}\n")


def _run(process: Coroutine[Any, Any, None]) -> None:
    # The server raises a signal again once it has ended, which by default kills us before the stores are closed.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    loops = uvicorn.Config("", loop="uvloop").get_loop_factory()
    with asyncio.Runner(loop_factory=loops) as runner:
        runner.run(process)


def _end(*_: Any) -> Never:
    sys.exit(0)


async def _serve(settings: CommandApiSettings) -> None:
    async with cluster_app(settings) as app:
        spare_collector()
        await uvicorn.Server(server_config(app, settings)).serve()


def server_config(app: Any, settings: CommandApiSettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.listen.command_host,
        port=settings.listen.command_port,
        http="httptools",
        lifespan="on",
        timeout_graceful_shutdown=settings.listen.stop_seconds,
        **settings.connections.server_options,
    )
