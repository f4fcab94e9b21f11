"""Keyboards that can be plugged in: named pipes with the kernel's input events in them.

evdev opens and reads them itself; only the four questions it asks a device are answered here.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

MISSING: Final = "needs the evdev library (make hotkey)"
KEY_A, KEY_F9, KEY_F10 = 30, 67, 68
_EV_SYN, _EV_KEY = 0, 1
_INPUT_EVENT: Final = struct.Struct("@llHHi")
"""``struct input_event``: seconds, microseconds, type, code, value."""


class Keyboard:
    """One device file; it ends with ``unplug``."""

    def __init__(self, path: Path, keys: Sequence[int]) -> None:
        self.path = path
        self.keys = keys
        os.mkfifo(path)
        self._kernel_end = os.open(path, os.O_RDWR)
        self.inode = path.stat().st_ino

    def press(self, key: int = KEY_F9) -> None:
        self._write(key, 1)

    def release(self, key: int = KEY_F9) -> None:
        self._write(key, 0)

    def repeat(self, key: int = KEY_F9) -> None:
        """What a key that is held does."""
        self._write(key, 2)

    def vanish(self) -> None:
        """Its file is gone, and whoever reads from it has not noticed."""
        self.path.unlink()

    def unplug(self) -> None:
        if self._kernel_end >= 0:
            self.path.unlink(missing_ok=True)
            os.close(self._kernel_end)
            self._kernel_end = -1

    def _write(self, key: int, value: int) -> None:
        key_event = _INPUT_EVENT.pack(1, 2, _EV_KEY, key, value)
        os.write(self._kernel_end, key_event + _INPUT_EVENT.pack(1, 2, _EV_SYN, 0, 0))


class Keyboards:
    """The folder of device files; ``locked`` ones may not be read."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        evdev = pytest.importorskip("evdev._input", reason=MISSING)
        self.folder = folder
        self.plugged: list[Keyboard] = []
        self.locked: set[Path] = set()
        monkeypatch.setattr(evdev, "ioctl_devinfo", self._describe)
        monkeypatch.setattr(evdev, "ioctl_capabilities", self._capabilities)
        monkeypatch.setattr(evdev, "ioctl_EVIOCGVERSION", lambda _descriptor: 0x010001)
        monkeypatch.setattr(evdev, "ioctl_EVIOCGEFFECTS", lambda _descriptor: 0)

    def plug(self, name: str = "event0", keys: Sequence[int] = (KEY_A, KEY_F9)) -> Keyboard:
        keyboard = Keyboard(self.folder / name, keys)
        self.plugged.append(keyboard)
        return keyboard

    def unplug_all(self) -> None:
        for keyboard in self.plugged:
            keyboard.unplug()

    def _at(self, descriptor: int) -> Keyboard:
        inode = os.fstat(descriptor).st_ino
        for keyboard in reversed(self.plugged):  # the number of one that is gone may come again
            if keyboard.inode == inode:
                return keyboard
        raise OSError(errno.ENOTTY, "no input device")

    def _describe(self, descriptor: int) -> tuple[int, int, int, int, str, str, str]:
        keyboard = self._at(descriptor)
        if keyboard.path in self.locked:
            raise PermissionError
        return 3, 1, 1, 1, f"Keyboard {keyboard.path.name}", "", ""

    def _capabilities(self, descriptor: int) -> dict[int, list[int]]:
        return {_EV_SYN: [0], _EV_KEY: list(self._at(descriptor).keys)}
