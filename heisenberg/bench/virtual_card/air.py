"""The air between the virtual card's loudspeaker and its microphone, and who else speaks there.

A child process (``bench.virtual_card.room_loop``) carries the sound, so that nothing in this
process can hold it up. Times in it are counted in samples at 16 kHz since it began: what the
loudspeaker plays and what the microphone hears have one clock.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.audio.wavfile import write_wav
from heisenberg.bench.virtual_card.soundcard import SoundCard
from heisenberg.core.errors import AudioError

_STOP_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class AirSettings:
    """What lies between loudspeaker and microphone.

    ``echo_db``: the level of the echo against what is played; ``None``: the microphone does not
    hear the loudspeaker. ``delay_ms``: from the loudspeaker's monitor to the microphone's, 50 at
    least. ``rt60_s`` and ``seed`` make the room; 0 is a room without walls. ``noise_db``: the
    microphone's own noise against full scale, never silent. ``recording``: the file that keeps both
    ends, 64 kB a second.
    """

    echo_db: float | None = -6.0
    delay_ms: float = 60.0
    rt60_s: float = 0.3
    seed: int = 1
    noise_db: float = -65.0
    recording: str = ""


@dataclass(frozen=True, slots=True)
class Utterance:
    """Where something said lies in the microphone's sound: first sample, and one past the last.

    ``reply`` is where the loudspeaker became audible, when the utterance waited for that.
    """

    begin: int
    end: int
    reply: int | None = None


@dataclass(frozen=True, slots=True)
class AirReport:
    """How well the air carries: its delays now, and gaps in the microphone's sound so far.

    ``card_ms`` is how late a listener at the microphone hears what is recorded there, ``delay_ms``
    how late it hears the loudspeaker.
    """

    card_ms: float
    delay_ms: float
    gaps: int
    gap_ms: float


@dataclass(frozen=True, slots=True)
class Recording:
    """Both ends since the air began, equally long and on one clock.

    A listener at the microphone hears it ``AirReport.card_ms`` later.
    """

    speaker: Pcm
    microphone: Pcm


class Air:
    """The air of a card, from the inside of ``open_air``."""

    def __init__(self, child: subprocess.Popen[bytes], settings: AirSettings, folder: Path) -> None:
        assert child.stdin is not None
        assert child.stdout is not None
        self._commands: IO[bytes] = child.stdin
        self._answers: IO[bytes] = child.stdout
        self._settings = settings
        self._folder = folder
        began = self._answer()
        self._began_s: float = began["began_s"]

    def say(
        self, pcm: Pcm, *, after_reply_s: float | None = None, timeout_s: float = 30.0
    ) -> Utterance | None:
        """Let the user speak; returns as soon as it is known where.

        The sound begins at once, or ``after_reply_s`` after the first sample from now on that the
        loudspeaker plays audibly. Returns ``None`` when it stays silent for ``timeout_s``.
        """
        wav = self._folder / "utterance.wav"
        write_wav(wav, pcm)
        answer = self._ask(say=str(wav), after_reply_s=after_reply_s, timeout_s=timeout_s)
        return Utterance(**answer) if answer else None

    @property
    def now(self) -> int:
        """The sample that the loudspeaker plays at this moment."""
        return round((time.monotonic() - self._began_s) * RATE_HZ)

    def wait_until(self, sample: int) -> None:
        time.sleep(max(0.0, (sample - self.now) / RATE_HZ))

    def recording(self) -> Recording:
        """Everything so far; ``settings.recording`` must be set."""
        both = np.fromfile(self._settings.recording, "<i2").astype(np.int16)
        pairs = both[: len(both) // 2 * 2].reshape(-1, 2)
        return Recording(pairs[:, 0].copy(), pairs[:, 1].copy())

    def report(self) -> AirReport:
        """How it went so far."""
        return AirReport(**self._ask(report=True))

    def _ask(self, **command: Any) -> dict[str, Any]:
        self._commands.write(json.dumps(command).encode() + b"\n")
        self._commands.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        line = self._answers.readline()
        if not line:
            raise AudioError("The virtual air has ended.", "Its last words are above.")
        answer: dict[str, Any] = json.loads(line)
        if "refused" in answer:
            raise AudioError(answer["refused"])
        return answer


@contextmanager
def open_air(card: SoundCard, settings: AirSettings | None = None) -> Iterator[Air]:
    """Let ``card``'s microphone hear its loudspeaker, and users, until the block ends.

    Raises ``AudioError`` when the card can't be used, or is slower than ``delay_ms``.
    """
    chosen = settings or AirSettings()
    command = [sys.executable, "-P", "-m", "heisenberg.bench.virtual_card.room_loop"]
    command += [card.servers["speaker"], card.servers["microphone"], json.dumps(asdict(chosen))]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            command, env=card.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as child,
    ):
        try:
            yield Air(child, chosen, Path(folder))
        finally:
            assert child.stdin is not None
            child.stdin.close()
            try:
                child.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                child.kill()
