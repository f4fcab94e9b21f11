"""Which library watches the push-to-talk key."""

from __future__ import annotations

import sys
from pathlib import Path

from heisenberg.core.config.turn import KeyConfig
from heisenberg.core.errors import ConfigError
from heisenberg.wake.base import Trigger
from heisenberg.wake.evdev_key import INPUT_FOLDER, EvdevKey
from heisenberg.wake.pynput_key import PynputKey, desktop_problem


async def open_hotkey(config: KeyConfig, *, folder: Path = INPUT_FOLDER) -> Trigger:
    """Watch the key ``config.name``.

    ``auto`` is pynput on macOS. On Linux it is evdev where a device is named or a keyboard in
    ``folder`` that has the key may be read; else pynput where there is X11; else evdev, which
    waits for a keyboard. Raises ``ConfigError``.
    """
    if config.backend == "evdev" or (config.backend == "auto" and config.device):
        return await EvdevKey.open(config.name, config.device, folder=folder)
    if config.backend == "pynput" or sys.platform == "darwin":
        return await PynputKey.open(config.name)
    has_x11 = desktop_problem() is None
    try:
        key = await EvdevKey.open(config.name, folder=folder)
    except ConfigError:
        if not has_x11:
            raise
    else:
        if key.keyboards or not has_x11:
            return key
        await key.aclose()
    return await PynputKey.open(config.name)
