"""Documents and checkpoints: the port and its adapters (SQLite, MongoDB)."""
