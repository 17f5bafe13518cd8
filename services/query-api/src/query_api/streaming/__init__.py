"""Answers as binary streams: frames of runs and of progress, cut into chunks."""
