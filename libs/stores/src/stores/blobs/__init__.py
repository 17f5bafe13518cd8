"""Blobs: the port and its adapter (fsspec: a folder, or S3)."""
