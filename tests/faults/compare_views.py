"""`python -m tests.faults.compare_views FOLDER`: are the live views of a data folder those that its log says?

A process of its own: the embedded engine belongs to one process, and that process must not fork any more. Nobody else
may have the folder open. Ends with 0 if a rebuild from the first event on is equal to the letter, else with 1 and one
line for each difference.
"""

import asyncio
import sys
from pathlib import Path

from projector.recovery.dump import dump_view
from projector.recovery.rebuilding import rebuild
from stores.columns.clickhouse import ClickHouseColumns
from stores.documents.sqlite import SqliteDocuments
from stores.eventlog.sqlite import SqliteEventLog
from stores.views import live_view


async def differences(folder: Path) -> list[str]:
    """One line for each document and series. The folder has two versions of its views afterwards."""
    log = await SqliteEventLog.open(folder / "events.sqlite")
    documents = await SqliteDocuments.open(folder / "documents.sqlite")
    columns = await ClickHouseColumns.open(f"chdb://{(folder / 'columns').absolute()}")
    try:
        kept = await dump_view(documents, columns, await live_view(documents))
        report = await rebuild(log, documents, columns, fresh=True)
        made = await dump_view(documents, columns, await live_view(documents))
        found = kept.differences(made) + [f"invalid event: {letter}" for letter in report.invalid]
        sys.stdout.write(f"{report.records} events, {made.row_counts['points']} points compared\n")
        return found
    finally:
        await columns.close()
        await documents.close()
        await log.close()


if __name__ == "__main__":
    different = asyncio.run(differences(Path(sys.argv[1])))
    sys.stdout.writelines(f"{line}\n" for line in different)
    sys.exit(1 if different else 0)
