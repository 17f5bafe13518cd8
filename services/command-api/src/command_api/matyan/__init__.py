"""The protocol of matyan-client 0.3 (the ingestion contract, part 1): a WebSocket for each run, presigned uploads."""
