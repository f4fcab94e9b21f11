"""Everything that can go wrong, as one tree.

::

    HeisenbergError(message, hint)         code              exit
    |-- ConfigError                        config              2
    |-- InputError                         input               2
    |-- AudioError                         audio               1
    |   |-- DeviceNotFound                 device_not_found    3
    |   |-- DeviceLost                     device_lost         1
    |   `-- MicrophoneSilent               microphone_silent   1
    |-- ModelError                         model               1
    |   |-- ModelMissing                   model_missing       3
    |   |-- ChecksumMismatch               checksum_mismatch   3
    |   `-- LoadFailed                     load_failed         1
    |-- EngineError                        engine              1
    |-- TurnError                          turn                1
    |   `-- NoRoom                         no_audio            1
    |-- StoreError                         store               1
    |-- KnowledgeError                     knowledge           1
    |-- SkillError                         skill               1
    |-- ServiceError                       service             1
    |   |-- AlreadyRunning                 already_running     1
    |   `-- NotRunning                     not_running         1
    `-- ApiError                           api                 1

Exceptions of other libraries are wrapped once, in the adapter that calls them, with ``from exc``.
"""

from __future__ import annotations

from typing import ClassVar


class HeisenbergError(Exception):
    """An error a user can understand.

    ``message`` says in one line what is wrong; ``hint`` says in one line what to do, and may be
    empty only when there is nothing to do. ``code`` is stable and meant for programs;
    ``exit_code`` is what the command line returns: 1 failed, 2 wrong use, 3 a needed model or
    device is missing.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class ConfigError(HeisenbergError):
    """The configuration can't be used: unknown key, value out of range, unreadable file."""

    code = "config"
    exit_code = 2


class InputError(HeisenbergError):
    """Something the user handed over can't be used: a file, a path, a text."""

    code = "input"
    exit_code = 2


class AudioError(HeisenbergError):
    """Sound can't be captured or played."""

    code = "audio"


class DeviceNotFound(AudioError):
    """No such microphone or speaker, or no sound library."""

    code = "device_not_found"
    exit_code = 3


class DeviceLost(AudioError):
    """A device that worked is gone or busy."""

    code = "device_lost"


class MicrophoneSilent(AudioError):
    """The microphone delivers nothing but zeros."""

    code = "microphone_silent"


class ModelError(HeisenbergError):
    """A model file can't be used."""

    code = "model"


class ModelMissing(ModelError):
    """A needed model file is not there."""

    code = "model_missing"
    exit_code = 3


class ChecksumMismatch(ModelError):
    """A model file is not the one the catalogue describes: truncated, tampered with, replaced."""

    code = "checksum_mismatch"
    exit_code = 3


class LoadFailed(ModelError):
    """An engine refused a model file."""

    code = "load_failed"


class EngineError(HeisenbergError):
    """An engine failed while it worked."""

    code = "engine"


class TurnError(HeisenbergError):
    """A turn can't go on."""

    code = "turn"


class NoRoom(TurnError):
    """Heisenberg runs without sound: nobody can be heard or spoken to."""

    code = "no_audio"


class StoreError(HeisenbergError):
    """Files can't be fetched or written: no source in reach, disk full, no permission."""

    code = "store"


class KnowledgeError(HeisenbergError):
    """The index of documents can't be used: damaged, out of reach, of another version."""

    code = "knowledge"


class SkillError(HeisenbergError):
    """A skill can't do what it was asked. The message is said to the user, in their language."""

    code = "skill"


class ServiceError(HeisenbergError):
    """Heisenberg as a background service: it can't be installed, reached or started."""

    code = "service"


class AlreadyRunning(ServiceError):
    """Another daemon of this user is running."""

    code = "already_running"


class ApiError(HeisenbergError):
    """A request over HTTP is refused."""

    code = "api"


class NotRunning(ServiceError):
    """No daemon is running that could be reached."""

    code = "not_running"
