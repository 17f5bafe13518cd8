"""An answer leaves after the log is synced, and a checkpoint is written after its columns are: seen in system calls."""
