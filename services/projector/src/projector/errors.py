"""Errors that stop the projector, or that an operator's command answers with.

contracts.errors.TallybookError
    TooManyDeadLetters  more invalid events than the settings allow: something is wrong at large, a person must look;
                        the views hold the others, and whoever looked starts the projector again
    ConsumerDied        the consumer's thread is gone or hangs: the process ends, so that another one takes over
    ProjectorRunning    a rebuild was asked for while a projector follows the log
    SettingMissing      a name that has no default is not in the environment
    SettingWrong        the text of a setting is not of its type
"""

from contracts.errors import TallybookError


class TooManyDeadLetters(TallybookError):
    code = "too_many_dead_letters"


class ConsumerDied(TallybookError):
    code = "consumer_died"


class ProjectorRunning(TallybookError):
    code = "projector_running"


class SettingMissing(TallybookError):
    code = "setting_missing"


class SettingWrong(TallybookError):
    code = "setting_wrong"
