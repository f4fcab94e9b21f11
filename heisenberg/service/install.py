"""What the background service runs, and which service manager runs it."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from heisenberg.core.config import Config
from heisenberg.core.config.source import FILE_NAME
from heisenberg.core.errors import InputError, ServiceError
from heisenberg.service.background import BackgroundService
from heisenberg.store.needs import is_path


def find_service() -> BackgroundService:
    """The service manager of this platform. Raises ``ServiceError`` where there is none."""
    system = platform.system()
    if system == "Linux":
        from heisenberg.service.systemd import SystemdService

        return SystemdService.find()
    if system == "Darwin":
        from heisenberg.service.launchd import LaunchdAgent

        return LaunchdAgent.find()
    raise ServiceError(
        f"Heisenberg can't install itself as a service on {system or 'this system'}: only with "
        "systemd (Linux) and launchd (macOS).",
        "Have your own service manager run: heisenberg run",
    )


def program(config: Config, file: Path | None, settings: Sequence[str]) -> list[str]:
    """The command that runs what 'heisenberg run' with these options runs here.

    ``config`` is what ``file`` and ``settings`` amount to. Raises ``InputError`` when it names a
    file relative to the working folder, which is another one for a service.
    """
    for name, value in _files(config):
        if not Path(value).expanduser().is_absolute():
            raise InputError(
                f"{name} = {value}: the service runs in another folder, where that is not.",
                f"Write the whole path: {Path(value).absolute()}",
            )
    command = [sys.executable, "-P", "-m", "heisenberg", "run"]
    here = Path.cwd() / FILE_NAME
    if file is None and here.is_file():
        file = here
    if file is not None:
        command += ["--config", str(file.absolute())]
    for setting in settings:
        command += ["--set", setting]
    return command


def unseen_settings() -> list[str]:
    """A note on settings of this environment, which a service does not see."""
    names = sorted(name for name in os.environ if name.startswith("HEISENBERG_"))
    if not names:
        return []
    return [
        f"The service does not see what is set in this environment ({', '.join(names)}): "
        f"write it into {FILE_NAME}, or install with --set."
    ]


def _files(config: Config) -> Iterator[tuple[str, str]]:
    """Every setting that names a file or a folder, with its value."""
    for name, path in (("store.dir", config.store.dir), ("control.socket", config.control.socket)):
        if path is not None:
            yield name, str(path)
    models = [
        ("llm.model", config.llm.model),
        ("stt.model", config.stt.model),
        ("tts.voice", config.tts.voice),
        *(("wake.models", model) for model in config.wake.models),
    ]
    yield from ((name, value) for name, value in models if is_path(value))
