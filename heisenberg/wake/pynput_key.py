"""A key watched through pynput: on macOS, and under X11."""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import importlib.util
import os
import re
import sys
import threading
from collections.abc import AsyncGenerator, Callable
from typing import Any, Final, Self

import structlog

from heisenberg.core.aio import finish
from heisenberg.core.errors import ConfigError
from heisenberg.wake.base import KeyEvent
from heisenberg.wake.presses import Presses

_STOP_S: Final = 5.0
_ISO_LEVEL3_SHIFT: Final = 0xFE03
"""What X11 calls the right Alt key on most keyboards that have more than English letters."""
_OTHER_NAMES: Final = {"SYSRQ": "PRINTSCREEN", "COMPOSE": "MENU", "PLAYPAUSE": "MEDIAPLAYPAUSE"}
_MODIFIERS: Final = {"CTRL": "CTRL", "ALT": "ALT", "SHIFT": "SHIFT", "META": "CMD"}

_log = structlog.get_logger(__name__)


class PynputKey:
    """One key, wherever on the desktop it is pressed."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._presses = Presses()
        self._listener: Any = None
        self._thread: threading.Thread | None = None
        self._is_watching = threading.Event()
        self._failure: Exception | None = None
        self._closing = False

    @classmethod
    async def open(cls, name: str) -> Self:
        """Watch the key ``name`` (``F9``, ``RIGHTCTRL``, ``A``).

        Raises ``ConfigError`` when there is no such key, no desktop that lets keys be watched, or
        pynput is missing.
        """
        problem = desktop_problem()
        if problem is not None:
            raise problem
        keyboard = await asyncio.to_thread(_import_keyboard)
        key = cls(asyncio.get_running_loop())
        try:
            await finish(asyncio.ensure_future(asyncio.to_thread(key._start, keyboard, name)))
            key._check()
        except BaseException:
            await key.aclose()
            raise
        return key

    def __aiter__(self) -> AsyncGenerator[KeyEvent, None]:
        return aiter(self._presses)

    async def aclose(self) -> None:
        self._closing = True
        await finish(asyncio.ensure_future(asyncio.to_thread(self._stop)))
        self._presses.end()

    def _check(self) -> None:
        if self._failure is not None:
            raise ConfigError(
                f"The key can't be watched: {self._failure}.",
                "Check that DISPLAY names a running X server, or bind 'heisenberg trigger' to a "
                "key of your desktop.",
            ) from self._failure
        if not getattr(self._listener, "IS_TRUSTED", True):
            raise ConfigError(
                "macOS does not let Heisenberg see the keyboard.",
                "Allow your terminal (or Heisenberg) in System Settings > Privacy & Security, "
                "under Accessibility and under Input Monitoring, and start again.",
            )

    def _start(self, keyboard: Any, name: str) -> None:
        is_mine = _matcher(keyboard, name)

        def report(key: Any, *, down: bool) -> None:
            if is_mine(key):
                self._soon(lambda: self._presses.note("", down=down))

        self._listener = keyboard.Listener(
            on_press=lambda key: report(key, down=True),
            on_release=lambda key: report(key, down=False),
        )
        if sys.platform != "darwin":
            self._note_first_record()
        self._thread = threading.Thread(target=self._watch, name="heisenberg-key", daemon=True)
        self._thread.start()
        self._listener.wait()
        if sys.platform != "darwin":
            self._is_watching.wait()

    def _note_first_record(self) -> None:
        """pynput calls itself ready before X records keys for it; an empty record says that."""
        receive = self._listener._handler

        def receive_first(records: Any) -> None:
            self._is_watching.set()
            receive(records)

        self._listener._handler = receive_first

    def _watch(self) -> None:
        """The thread: pynput's listener is a thread itself, but one that fails unheard."""
        try:
            self._listener.run()
        except Exception as exc:
            self._failure = exc
        self._listener._mark_ready()  # nobody may wait for a listener that has ended
        self._is_watching.set()
        self._soon(self._ended)

    def _ended(self) -> None:
        if not self._closing:
            _log.error("the push-to-talk key is watched no more", error=str(self._failure or ""))
        self._presses.end()

    def _stop(self) -> None:
        if self._thread is None:
            return
        with contextlib.suppress(Exception):  # the display is gone, or the thread has closed it
            self._listener.stop()
            if sys.platform != "darwin":
                # Its own request to stop stays unsent until the next key is pressed (pynput 1.8.2).
                self._listener._display_stop.record_disable_context(self._listener._context)
                self._listener._display_stop.flush()
        self._thread.join(_STOP_S)

    def _soon(self, call: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(call)


def desktop_problem() -> ConfigError | None:
    """Why no program is shown the keys of others here, where that can be told beforehand."""
    if sys.platform == "darwin":
        return None
    if os.environ.get("WAYLAND_DISPLAY") or os.environ.get("XDG_SESSION_TYPE") == "wayland":
        message = "Under Wayland no program is shown the keys of others."
    elif not os.environ.get("DISPLAY"):
        message = "There is no X display to watch a key on: DISPLAY is not set."
    else:
        return None
    return ConfigError(
        message,
        "Set key.backend to 'evdev', or bind 'heisenberg trigger' to a key of your desktop.",
    )


def _import_keyboard() -> Any:
    if importlib.util.find_spec("pynput") is None:
        raise ConfigError(
            "Watching a key needs the pynput library, which is not installed.",
            "Add it with 'make hotkey' or pip install 'heisenberg[hotkey]'.",
        )
    try:
        from pynput import keyboard
    except ImportError as exc:  # it connects to the display when it is imported
        raise ConfigError(
            f"The X display {os.environ.get('DISPLAY', '')} can't be reached.",
            "Check DISPLAY and XAUTHORITY, or bind 'heisenberg trigger' to a key of your desktop.",
        ) from exc
    return keyboard


def _matcher(keyboard: Any, name: str) -> Callable[[Any], bool]:
    """Whether a key that pynput reports is the one called ``name``; raises ``ConfigError``."""
    plain = name.strip().upper()
    if len(plain) == 1:
        return lambda key: (getattr(key, "char", None) or "").upper() == plain
    known = {each.replace("_", "").upper(): key for each, key in keyboard.Key.__members__.items()}
    plain = _pynput_name(plain)
    if plain not in known:
        close = difflib.get_close_matches(plain, known, n=5) or ["F9", "PAUSE", "RIGHTCTRL"]
        raise ConfigError(f"There is no key called '{name}'.", f"Did you mean {', '.join(close)}?")
    wanted = [known[plain]]
    if plain == "ALTR":
        wanted += [known["ALTGR"], keyboard.KeyCode.from_vk(_ISO_LEVEL3_SHIFT)]
    return lambda key: key in wanted


def _pynput_name(name: str) -> str:
    """The kernel's name of a key as pynput has it, less the underscores."""
    side = re.fullmatch(r"(LEFT|RIGHT)(CTRL|ALT|SHIFT|META)", name)
    if side:
        return f"{_MODIFIERS[side[2]]}{side[1][0]}"
    return _OTHER_NAMES.get(name, name).replace("_", "")
