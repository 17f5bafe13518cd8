"""Aim's binary wire form: values, keys, trees, records, progress frames, hashes. Pure: bytes in, bytes out."""
