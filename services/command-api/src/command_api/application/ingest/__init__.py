"""Native ingestion: bodies to messages, messages to events, events to the log."""
