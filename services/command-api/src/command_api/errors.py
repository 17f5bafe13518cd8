"""Why the command API does not start.

contracts.errors.TallybookError
    SettingsError    the environment lacks a setting, or a value cannot be read
"""

from contracts.errors import TallybookError


class SettingsError(TallybookError):
    code = "settings_error"
