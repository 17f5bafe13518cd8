"""Errors of the adapters. Foreign errors are translated at each adapter's boundary.

contracts.errors.Unavailable
    StoreUnavailable    the technology behind a port does not answer or refuses for now: retry with back-off
    LogFull             the bounded queue of the log is full: answer 503, the caller tries again
contracts.errors.LogMismatch
    LogMisconfigured    topics are not what the settings say; the message names the fix
contracts.errors.TallybookError
    DataFolderInUse     another process has the embedded stores open
"""

from contracts.errors import LogMismatch, TallybookError, Unavailable


class StoreUnavailable(Unavailable):
    pass


class LogFull(Unavailable):
    pass


class LogMisconfigured(LogMismatch):
    pass


class DataFolderInUse(TallybookError):
    code = "data_folder_in_use"
