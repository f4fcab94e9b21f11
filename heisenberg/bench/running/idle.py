"""What the daemon costs while nobody wants anything: processor and memory, on a virtual card."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import psutil

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.bench.running.daemon import Daemon, running_daemon
from heisenberg.bench.virtual_card.air import Air, AirSettings, open_air
from heisenberg.bench.virtual_card.soundcard import sound_card
from heisenberg.tts.base import TextToSpeech
from heisenberg.tts.speech import recorded

TALK: Final = (
    "Did you remember to buy bread on the way home?",
    "No, the shop had closed already, so I went to the one by the station.",
    "They moved the meeting to Thursday, because half of the team is travelling this week.",
    "I would rather take the early train and have breakfast when we get there.",
    "The weather was lovely yesterday, and we sat in the garden until ten.",
    "Could you pass me the blue folder from the shelf behind you?",
    "My sister called; she has found a flat with a balcony, at last.",
    "It is a long story, and I will tell you all of it tonight.",
)
"""What is said in the speech-like half: no wake word, nor anything like one."""

_LEVEL: Final = 10 ** (-26 / 20) * 32767
"""Of speech, root mean square: the usual level of telephone measurements (ITU-T P.56)."""

_SETTLE_S: Final = 10.0
_LOOK_S: Final = 1.0
_MB: Final = 1e6


@dataclass(frozen=True, slots=True)
class IdleHalf:
    """One kind of sound: share of one core in percent, resident memory in MB (10^6 bytes),
    threads and open files at the beginning and the end, and how often the wake word was heard."""

    cpu_percent: float
    begin_mb: float
    end_mb: float
    begin_threads: int
    end_threads: int
    begin_files: int
    end_files: int
    wakes: int


@dataclass(frozen=True, slots=True)
class IdleReport:
    """Both halves, and how often the virtual microphone's sound had a gap."""

    minutes: float
    quiet: IdleHalf
    speech: IdleHalf
    gaps: int


async def talk(voice: TextToSpeech) -> Pcm:
    """``TALK`` in ``voice``, half a minute at the usual level."""
    spoken = [await recorded(voice, text, lead_s=0.3, tail_s=0.4) for text in TALK]
    sound = np.concatenate(spoken).astype(np.float64)
    voiced = sound[np.abs(sound) > 100]
    scaled = sound * _LEVEL / np.sqrt(np.mean(voiced**2))
    pcm: Pcm = np.clip(np.rint(scaled), -32767, 32767).astype(np.int16)
    return pcm


def bench_idle(
    folder: Path,
    speech: Pcm,
    *,
    minutes: float,
    options: Sequence[str] = (),
    on_half: Callable[[str, IdleHalf], None] = lambda _name, _half: None,
) -> IdleReport:
    """Run the daemon for ``minutes``: half in a quiet room, half while ``speech`` goes on.

    The card keeps its files in ``folder``; ``options`` are for ``heisenberg run``. Raises
    ``DeviceNotFound`` without PulseAudio, ``TurnError`` when the daemon ends.
    """
    half_s = minutes * 60 / 2
    with (
        sound_card(folder) as card,
        open_air(card, AirSettings(echo_db=None)) as air,
        running_daemon(card, options) as daemon,
    ):
        quiet = _watch(daemon, half_s, lambda: None)
        on_half("quiet", quiet)
        talking = _watch(daemon, half_s, _Talking(air, speech).go_on)
        on_half("speech", talking)
        return IdleReport(minutes, quiet, talking, air.report().gaps)


class _Talking:
    """Says the same over and over, without a pause."""

    def __init__(self, air: Air, speech: Pcm) -> None:
        self._air = air
        self._speech = speech
        self._until = 0

    def go_on(self) -> None:
        if self._air.now + 2 * _LOOK_S * RATE_HZ >= self._until:
            rest = max(0, self._until - self._air.now)
            said = self._air.say(np.concatenate((np.zeros(rest, np.int16), self._speech)))
            assert said is not None
            self._until = said.end


def _watch(daemon: Daemon, seconds: float, act: Callable[[], None]) -> IdleHalf:
    """Measure after a while; ``act`` is called every second."""
    process = psutil.Process(daemon.pid)
    _wait(daemon, _SETTLE_S, act)
    lines = len(daemon.lines)
    began_s, begin_cpu_s = time.monotonic(), _cpu_s(process)
    begin = process.memory_info().rss / _MB, process.num_threads(), process.num_fds()
    _wait(daemon, seconds, act)
    share = (_cpu_s(process) - begin_cpu_s) / (time.monotonic() - began_s)
    return IdleHalf(
        round(100 * share, 2),
        round(begin[0], 1),
        round(process.memory_info().rss / _MB, 1),
        begin[1],
        process.num_threads(),
        begin[2],
        process.num_fds(),
        sum("wake word" in line.text for line in daemon.lines[lines:]),
    )


def _wait(daemon: Daemon, seconds: float, act: Callable[[], None]) -> None:
    until_s = time.monotonic() + seconds
    while (left_s := until_s - time.monotonic()) > 0:
        daemon.check()
        act()
        time.sleep(min(left_s, _LOOK_S))


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
