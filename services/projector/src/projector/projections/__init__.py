"""What accepted events become in the views: one pure function for each view, one file each.

Documents depend on the events alone, never on how the log was cut into batches: their versions are those of the events
that changed them.
"""
