"""Serves reads and the binary streaming search from the views."""
