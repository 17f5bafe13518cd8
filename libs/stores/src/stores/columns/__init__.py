"""Metric points in columns: the port and its adapter (ClickHouse over HTTP, and chDB in the process)."""
