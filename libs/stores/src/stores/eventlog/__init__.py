"""The log of events: the port and its adapters (SQLite, Kafka)."""
