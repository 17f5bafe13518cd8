"""Turns events into the views that everyone reads."""
