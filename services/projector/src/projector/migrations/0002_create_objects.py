"""The table of objects: one row per step of a series and write; the engine keeps the highest version.

The payload is what was logged there, packed; it is by far the largest column, and small granules (by their bytes, as
the engine makes them by itself) keep a read of a few steps from reading all of it.
"""

BLOCKING = False


def forward(objects: str) -> tuple[str, ...]:
    return (
        f"""
        CREATE TABLE IF NOT EXISTS {objects} (
            kind LowCardinality(String) CODEC(ZSTD(1)),
            name LowCardinality(String) CODEC(ZSTD(1)),
            run UInt64 CODEC(ZSTD(1)),
            ctx UInt64 CODEC(ZSTD(1)),
            step Int64 CODEC(DoubleDelta, ZSTD(1)),
            epoch Float64 CODEC(Gorilla, ZSTD(1)),
            time Float64 CODEC(Delta(8), ZSTD(1)),
            listed UInt8 CODEC(ZSTD(1)),
            payload String CODEC(ZSTD(1)),
            version UInt64 CODEC(DoubleDelta, ZSTD(1))
        )
        ENGINE = ReplacingMergeTree(version)
        ORDER BY (kind, name, run, ctx, step)
        SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1
        """,
    )


def backward(objects: str) -> tuple[str, ...]:
    # No SYNC: the embedded engine then waits for ever for the connection that last read the table (measured).
    return (f"DROP TABLE IF EXISTS {objects}",)
