"""Devices pulled and put back while the daemon does this and that."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice, product
from pathlib import Path
from typing import Any, Final

import psutil

from heisenberg.audio.base import Pcm
from heisenberg.bench.running.daemon import Daemon, running_daemon
from heisenberg.bench.virtual_card.air import Air, AirSettings, open_air
from heisenberg.bench.virtual_card.soundcard import Device, SoundCard, sound_card

_STATES: Final = ("IDLE", "LISTENING", "THINKING", "SPEAKING")
_DEVICES: Final[tuple[Device, ...]] = ("microphone", "speaker")
_AWAY_S: Final = 1.5
_BACK_WITHIN_S: Final = 20.0
_TURN_S: Final = 60.0
_SHORT_REPLIES: Final = "llm.max_tokens=60"


@dataclass(frozen=True, slots=True)
class Replug:
    """One pull: in which state, of which device, and how soon sound was there again."""

    state: str
    device: str
    back_s: float


@dataclass(frozen=True, slots=True)
class ReplugReport:
    """All pulls, whether a question was answered after the last, and what was left over."""

    replugs: tuple[Replug, ...]
    answered: bool
    threads_grown: int
    files_grown: int
    memory_grown_mb: float

    def as_dict(self) -> dict[str, Any]:
        waits_s = [replug.back_s for replug in self.replugs]
        return {
            **asdict(self),
            "count": len(waits_s),
            "median_s": round(statistics.median(waits_s), 2),
            "max_s": max(waits_s),
        }


def bench_replug(
    folder: Path,
    question: Pcm,
    *,
    times: int,
    options: Sequence[str] = (),
    on_replug: Callable[[Replug], None] = lambda _: None,
) -> ReplugReport:
    """Pull a device ``times`` times, in every state in turn, and put it back.

    ``question`` begins with the wake word. Raises ``DeviceNotFound`` without PulseAudio,
    ``TurnError`` when the daemon ends or a device does not come back.
    """
    with (
        sound_card(folder) as card,
        open_air(card, AirSettings(echo_db=None)) as air,
        running_daemon(card, (*options, "--set", _SHORT_REPLIES)) as daemon,
    ):
        stage = _Stage(card, air, daemon, question, options)
        stage.ask()
        process = psutil.Process(daemon.pid)
        before = _held(process)
        replugs = []
        for state, device in islice(_endlessly(), times):
            replugs.append(stage.replug(state, device))
            on_replug(replugs[-1])
        answered = stage.ask()
        threads, files, memory_mb = (
            after - earlier for after, earlier in zip(_held(process), before, strict=True)
        )
        return ReplugReport(tuple(replugs), answered, int(threads), int(files), round(memory_mb, 1))


def _endlessly() -> Iterator[tuple[str, Device]]:
    while True:
        yield from product(_STATES, _DEVICES)


class _Stage:
    def __init__(
        self,
        card: SoundCard,
        air: Air,
        daemon: Daemon,
        question: Pcm,
        options: Sequence[str],
    ) -> None:
        self._card = card
        self._air = air
        self._daemon = daemon
        self._question = question
        self._options = options

    def ask(self) -> bool:
        """Ask, and wait until all is quiet again; whether there was an answer."""
        mark = len(self._daemon.lines)
        self._air.say(self._question)
        ended = self._daemon.wait_for("-> IDLE", after=mark, timeout_s=_TURN_S)
        lines = self._daemon.lines[mark:ended]
        return any("the reply sounds" in line.text for line in lines)

    def replug(self, state: str, device: Device) -> Replug:
        """Bring the daemon into ``state``, pull, put back, and wait for sound and for rest."""
        mark = len(self._daemon.lines)
        self._enter(state, mark)
        self._card.pull(device)
        self._daemon.wait_for(f"{device}", after=mark, timeout_s=_BACK_WITHIN_S)
        time.sleep(_AWAY_S)
        gone = len(self._daemon.lines)
        self._card.put_back(device)
        returned_s = time.monotonic()
        back = self._daemon.wait_for(": back", after=gone, timeout_s=_BACK_WITHIN_S)
        back_s = self._daemon.lines[back].t_s - returned_s
        if state != "IDLE":
            self._trigger("stop")
            if not any("-> IDLE" in line.text for line in self._daemon.lines[mark:]):
                self._daemon.wait_for("-> IDLE", after=mark, timeout_s=_TURN_S)
        return Replug(state, device, round(back_s, 2))

    def _enter(self, state: str, mark: int) -> None:
        if state == "IDLE":
            return
        if state == "LISTENING":
            self._trigger("down")
        else:
            self._air.say(self._question)
        self._daemon.wait_for(f"-> {state}", after=mark, timeout_s=_TURN_S)

    def _trigger(self, command: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "heisenberg", "trigger", command, *self._options],
            env=self._card.environment,
            check=True,
            timeout=_TURN_S,
        )


def _held(process: psutil.Process) -> tuple[float, float, float]:
    return process.num_threads(), process.num_fds(), process.memory_info().rss / 1e6
