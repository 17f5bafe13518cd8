"""The table of log records: one row per number and write; the engine keeps the highest version."""

BLOCKING = False


def forward(log_records: str) -> tuple[str, ...]:
    return (
        f"""
        CREATE TABLE IF NOT EXISTS {log_records} (
            run UInt64 CODEC(ZSTD(1)),
            step Int64 CODEC(DoubleDelta, ZSTD(1)),
            payload String CODEC(ZSTD(1)),
            version UInt64 CODEC(DoubleDelta, ZSTD(1))
        )
        ENGINE = ReplacingMergeTree(version)
        ORDER BY (run, step)
        SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1
        """,
    )


def backward(log_records: str) -> tuple[str, ...]:
    # No SYNC: the embedded engine then waits for ever for the connection that last read the table (measured).
    return (f"DROP TABLE IF EXISTS {log_records}",)
