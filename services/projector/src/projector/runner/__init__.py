"""From the log to the views: batches, checkpoints, retries, dead letters; one loop for each kind of log."""
