"""A key read from Linux's input devices (evdev): with X11, with Wayland, or with no desktop."""

from __future__ import annotations

import asyncio
import difflib
import errno
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import structlog

from heisenberg.core.aio import cancel_and_wait, finish
from heisenberg.core.errors import ConfigError
from heisenberg.wake.base import KeyEvent
from heisenberg.wake.presses import Presses

if TYPE_CHECKING:
    from evdev import InputDevice

INPUT_FOLDER: Final = Path("/dev/input")
_RESCAN_S: Final = 3.0
_RELEASED, _PRESSED = 0, 1  # 2 is a key that repeats itself
_GONE: Final = (errno.ENOENT, errno.ENODEV, errno.ENXIO)

_log = structlog.get_logger(__name__)


class EvdevKey:
    """One key, on every keyboard that has it or on one named device; keyboards come and go."""

    def __init__(self, name: str, search: _Search, rescan_s: float) -> None:
        self._name = name
        self._search = search
        self._rescan_s = rescan_s
        self._presses = Presses()
        self._keyboards: dict[str, InputDevice[str]] = {}
        self._rescanning: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls,
        name: str,
        device: str = "",
        *,
        folder: Path = INPUT_FOLDER,
        rescan_s: float = _RESCAN_S,
    ) -> Self:
        """Watch the key ``name`` (``F9``, ``RIGHTCTRL``), on ``device`` only where that is given.

        Where no keyboard is, it waits for one: ``folder`` is looked through every ``rescan_s``.
        Raises ``ConfigError`` when there is no such key, ``device`` does not have it, no keyboard
        may be read, or the evdev library is missing.
        """
        code = await asyncio.to_thread(_key_code, name)
        key = cls(name, _Search(code, folder, device), rescan_s)
        try:
            await key._look()
            key._check(device)
        except BaseException:
            await key.aclose()
            raise
        key._rescanning = asyncio.create_task(key._look_again(), name="keyboards")
        return key

    @property
    def keyboards(self) -> tuple[str, ...]:
        """The device files that are watched now."""
        return tuple(self._keyboards)

    def __aiter__(self) -> AsyncGenerator[KeyEvent, None]:
        return aiter(self._presses)

    async def aclose(self) -> None:
        if self._rescanning is not None:
            await finish(asyncio.ensure_future(cancel_and_wait(self._rescanning)))
        for _path, device in self._search.take():
            device.close()
        for path in self.keyboards:
            self._let_go(path)
        self._presses.end()

    def _check(self, device: str) -> None:
        """If no keyboard can be watched, say what stands in the way."""
        if self._keyboards:
            return
        if self._search.denied:
            raise ConfigError(
                f"The key {self._name} can't be watched: permission denied on "
                f"{self._search.denied[0]}.",
                "Join the group 'input' (sudo usermod -aG input $USER) and log in again, or bind "
                "'heisenberg trigger' to a key of your desktop.",
            )
        if device and self._search.elsewhere:
            raise ConfigError(
                f"{device} has no key {self._name}.",
                "Name another device with key.device, or leave it empty for every keyboard.",
            )
        self._tell_waiting()

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(self._rescan_s)
            await self._look()

    async def _look(self) -> None:
        await finish(asyncio.ensure_future(asyncio.to_thread(self._search.run)))
        for path, device in self._search.take():
            if path in self._keyboards:  # pulled and put back faster than was noticed
                self._let_go(path)
            self._keyboards[path] = device
            asyncio.get_running_loop().add_reader(device.fd, self._read, path, device)
            _log.info("keyboard found", key=self._name, device=path)

    def _read(self, path: str, device: InputDevice[str]) -> None:
        from evdev import ecodes

        try:
            events = tuple(device.read())
        except BlockingIOError:
            return
        except OSError:
            events = ()
        if not events:  # pulled
            self._let_go(path)
            if not self._keyboards:
                self._tell_waiting()
        for event in events:
            mine = event.type == ecodes.EV_KEY and event.code == self._search.code
            if mine and event.value in (_RELEASED, _PRESSED):
                self._presses.note(path, down=event.value == _PRESSED)

    def _let_go(self, path: str) -> None:
        device = self._keyboards.pop(path)
        asyncio.get_running_loop().remove_reader(device.fd)
        device.close()
        self._presses.note(path, down=False)

    def _tell_waiting(self) -> None:
        _log.warning("no keyboard with the push-to-talk key: waiting for one", key=self._name)


class _Search:
    """Finds the devices that have a key, and opens each file only once while it is the same.

    ``run`` blocks, and belongs on a thread; it leaves what it opened to ``take``.
    """

    def __init__(self, code: int, folder: Path, device: str) -> None:
        self.code = code
        self.denied: list[str] = []
        """Files that might not be read in the last run."""
        self.elsewhere = False
        """A file was found, and the key is not on it."""
        self._folder = folder
        self._device = device
        self._known: dict[str, tuple[int, int, int]] = {}
        self._found: list[tuple[str, InputDevice[str]]] = []

    def run(self) -> None:
        self.denied.clear()
        for path in [self._device] if self._device else self._event_files():
            try:
                self._examine(path)
            except PermissionError:
                self.denied.append(path)
            except OSError as exc:
                if exc.errno not in _GONE:  # a file of another kind
                    self.elsewhere = True

    def take(self) -> list[tuple[str, InputDevice[str]]]:
        """What was found since the last time."""
        found, self._found = self._found, []
        return found

    def _examine(self, path: str) -> None:
        from evdev import InputDevice, ecodes

        status = Path(path).stat()
        identity = (status.st_rdev, status.st_ino, status.st_ctime_ns)
        if self._known.get(path) == identity:
            return
        device: InputDevice[str] = InputDevice(path, readonly=True)
        self._known[path] = identity
        if self.code in device.capabilities().get(ecodes.EV_KEY, ()):
            self._found.append((path, device))
        else:
            self.elsewhere = True
            device.close()

    def _event_files(self) -> list[str]:
        return sorted(str(path) for path in self._folder.glob("event*"))


def _key_code(name: str) -> int:
    """The number of a key; raises ``ConfigError``."""
    try:
        from evdev import ecodes
    except ImportError as exc:
        raise ConfigError(
            "Watching a key needs the evdev library, which is not installed.",
            "Add it with 'make hotkey' or pip install 'heisenberg[hotkey]'.",
        ) from exc
    plain = name.strip().upper()
    for full in (f"KEY_{plain}", plain):
        if full.startswith(("KEY_", "BTN_")) and full in ecodes.ecodes:
            return ecodes.ecodes[full]
    known = [full.removeprefix("KEY_") for full in ecodes.ecodes if full.startswith("KEY_")]
    close = difflib.get_close_matches(plain, known, n=5) or ["F9", "PAUSE", "RIGHTCTRL"]
    raise ConfigError(f"There is no key called '{name}'.", f"Did you mean {', '.join(close)}?")
