"""The daemon as a child on a virtual sound card, as a user would start it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from heisenberg.bench.virtual_card.soundcard import SoundCard
from heisenberg.core.errors import TurnError

_READY: Final = "ready: "
_READY_S: Final = 120.0
_STOP_S: Final = 60.0
_LAST_LINES: Final = 10


@dataclass(frozen=True, slots=True)
class Line:
    """Something the daemon wrote, and the monotonic time at which it arrived."""

    t_s: float
    text: str


class Daemon:
    """A running daemon; ``lines`` is all it has written so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._arrival = threading.Condition()
        self.lines: list[Line] = []
        self._reader = threading.Thread(target=self._read, name="daemon-log", daemon=True)
        self._reader.start()

    @property
    def api_url(self) -> str:
        """Where its API is."""
        urls = (re.search(r"API at (http\S+)", line.text) for line in self.lines)
        return next(url[1] for url in urls if url)

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_for(self, *texts: str, after: int = 0, timeout_s: float = 60.0) -> int:
        """The index of the first line from ``after`` on that holds one of ``texts``.

        Raises ``TurnError`` when the daemon ends or stays silent about it for ``timeout_s``.
        """
        give_up_s = time.monotonic() + timeout_s
        with self._arrival:
            while True:
                for index in range(after, len(self.lines)):
                    if any(text in self.lines[index].text for text in texts):
                        return index
                after = len(self.lines)
                left_s = give_up_s - time.monotonic()
                if not self._reader.is_alive() or left_s <= 0:
                    raise TurnError(f"The daemon did not say '{texts[0]}'.", self._last_words())
                self._arrival.wait(min(left_s, 1.0))

    def check(self) -> None:
        """Raises ``TurnError`` when it has ended."""
        if self._process.poll() is not None:
            self._reader.join()
            raise TurnError("The daemon has ended.", self._last_words())

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Ask it to end, as a Ctrl-C does; returns its exit code. Again does nothing."""
        if self._process.poll() is None:
            self._process.send_signal(how)
        try:
            code = self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._reader.join()
        return code

    def _last_words(self) -> str:
        last = "\n".join(line.text for line in self.lines[-_LAST_LINES:])
        return f"It said last:\n{last}"

    def _read(self) -> None:
        assert self._process.stderr is not None
        for text in self._process.stderr:
            with self._arrival:
                self.lines.append(Line(time.monotonic(), text.rstrip("\n")))
                self._arrival.notify_all()


@contextmanager
def running_daemon(card: SoundCard | None, options: Sequence[str] = ()) -> Iterator[Daemon]:
    """``heisenberg run`` with ``options`` on ``card``, ready; ``None``: without sound.

    Its API is at a port of its own. Raises ``TurnError`` when it does not become ready.
    """
    command = [sys.executable, "-m", "heisenberg", "run", "--set", "api.port=0", *options]
    with subprocess.Popen(
        command if card else [*command, "--no-audio"],
        env=card.environment if card else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        daemon = Daemon(process)
        try:
            daemon.wait_for(_READY, timeout_s=_READY_S)
            yield daemon
        finally:
            daemon.stop()
