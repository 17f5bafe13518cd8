"""Errors of the embedded product; the command line shows each as one line.

contracts.errors.TallybookError
    Refused             nothing was started or changed; exit status 2
        FolderInUse     another process owns the data folder
        NoDataFolder    the folder is missing, or it is something else
        PortInUse       somebody listens there
        ServerRunning   the word needs the server to be stopped
    Declined            what was asked for cannot be done; exit status 1
    Unanswered          a server owns the data folder but does not answer; exit status 1
    Ended               the server ended by itself; exit status 1, the message says why
"""

from contracts.errors import TallybookError


class Refused(TallybookError):
    code = "refused"


class FolderInUse(Refused):
    code = "folder_in_use"


class NoDataFolder(Refused):
    code = "no_data_folder"


class PortInUse(Refused):
    code = "port_in_use"


class ServerRunning(Refused):
    code = "server_running"


class Declined(TallybookError):
    code = "declined"


class Unanswered(TallybookError):
    code = "unanswered"


class Ended(TallybookError):
    code = "ended"
