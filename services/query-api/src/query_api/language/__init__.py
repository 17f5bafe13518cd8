"""The query language of search: from a text to a database predicate and an exact, bounded evaluation.

Pure: no clock, no I/O, no store. `compiled.compile_query` is the entry.
"""
