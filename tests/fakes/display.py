"""An X display without a screen (Xvfb), and a hand on its keyboard (xdotool)."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import pytest

MISSING: Final = "needs pynput (make hotkey), Xvfb and xdotool (Debian: xvfb xdotool)"


@dataclass(frozen=True, slots=True)
class Display:
    """A running X server."""

    name: str
    server: subprocess.Popen[bytes]

    def press(self, key: str = "F9") -> None:
        self._xdotool("keydown", key)

    def hold(self, key: str = "F9") -> None:
        """Press it, until it has repeated itself some times."""
        self._xdotool("keydown", key, "sleep", "0.2")

    def release(self, key: str = "F9") -> None:
        self._xdotool("keyup", key)

    def end(self) -> None:
        self.server.terminate()
        self.server.wait(timeout=20)

    def _xdotool(self, *arguments: str) -> None:
        environment = {**os.environ, "DISPLAY": self.name}
        subprocess.run(["xdotool", *arguments], env=environment, check=True, timeout=20)


def is_available() -> bool:
    tools = all(shutil.which(name) for name in ("Xvfb", "xdotool"))
    return tools and importlib.util.find_spec("pynput") is not None


@contextmanager
def x_display(monkeypatch: pytest.MonkeyPatch) -> Iterator[Display]:
    """A free display, the one of this process meanwhile; its keys repeat after 50 ms."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "320x200x24"]
    command += ["-nolisten", "tcp", "-noreset", "-ardelay", "50", "-arinterval", "20"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        try:
            with os.fdopen(reading) as answer:
                number = answer.readline().strip()
            assert number, "Xvfb did not start"
            display = Display(f":{number}", server)
            monkeypatch.setenv("DISPLAY", display.name)
            for other in ("WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "XAUTHORITY"):
                monkeypatch.delenv(other, raising=False)
            yield display
        finally:
            server.terminate()
