"""Starts the real servers that tests talk to: free loopback ports, a folder of their own, stopped by process id.

One module per server; each has `run_<server>(folder)`, a context manager that gives a small frozen object with the
address, `pid`, `log`, `kill()` and `restart()`. The fixtures of `tests/conftest.py` share one server of each kind in a
test session. A test that kills or fills a server starts its own.
"""
