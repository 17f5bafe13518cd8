"""The table of metric points: one row per point and write; the engine keeps the highest version of a point.

Codecs: the smallest of those measured per column on noisy float32-born curves (7 bytes a point in all), but no Gorilla
on values, which costs reading time there and saves nothing. Durability is a setting of the table: an insert returns
when its files and their folder are synced, and merged parts are synced before the parts they replace may go.
"""

BLOCKING = False


def forward(points: str) -> tuple[str, ...]:
    return (
        f"""
        CREATE TABLE IF NOT EXISTS {points} (
            name LowCardinality(String) CODEC(ZSTD(1)),
            run UInt64 CODEC(ZSTD(1)),
            ctx UInt64 CODEC(ZSTD(1)),
            step Int64 CODEC(DoubleDelta, ZSTD(1)),
            value Float64 CODEC(ZSTD(1)),
            epoch Float64 CODEC(Gorilla, ZSTD(1)),
            time Float64 CODEC(Delta(8), ZSTD(1)),
            version UInt64 CODEC(DoubleDelta, ZSTD(1))
        )
        ENGINE = ReplacingMergeTree(version)
        ORDER BY (name, run, ctx, step)
        SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1
        """,
    )


def backward(points: str) -> tuple[str, ...]:
    # No SYNC: the embedded engine then waits for ever for the connection that last read the table (measured).
    return (f"DROP TABLE IF EXISTS {points}",)
