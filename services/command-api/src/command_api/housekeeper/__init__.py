"""What time does, as commands: the log explains it, and a replay repeats it."""
