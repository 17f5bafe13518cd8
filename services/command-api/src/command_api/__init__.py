"""Takes every mutation and all ingestion, validates, appends events."""
