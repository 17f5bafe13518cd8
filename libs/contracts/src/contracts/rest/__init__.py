"""Bodies of the REST contract: `*_reads.py` what queries answer, the other files what commands take and answer."""
