"""The child process behind ``bench.virtual_card.air``: it carries sound from end to end.

``python -m heisenberg.bench.virtual_card.room_loop SPEAKER MICROPHONE SETTINGS``: the two servers'
addresses, and the settings as JSON. It takes commands as lines of JSON on stdin and answers each
with one line on stdout; it ends with stdin.
"""

from __future__ import annotations

import json
import queue
import signal
import sys
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.audio.echo_path import EchoPath
from heisenberg.audio.room_response import room_response
from heisenberg.audio.wavfile import read_sound
from heisenberg.bench.virtual_card.air import AirReport, AirSettings, Utterance
from heisenberg.bench.virtual_card.card_ends import Microphone, SpeakerTap
from heisenberg.bench.virtual_card.room_mix import RoomMix, Wish
from heisenberg.bench.virtual_card.urgency import make_urgent
from heisenberg.core.errors import AudioError, HeisenbergError

_PRIORITY: Final = 4
_COMPARED_S: Final = 0.4
_WRITTEN_BLOCKS: Final = 100


class RoomLoop:
    """Moves one block after the other; not shared between threads."""

    def __init__(self, speaker: str, microphone: str, settings: AirSettings) -> None:
        """Listens to the card for a second first.

        Raises ``AudioError`` when the card alone takes longer than ``settings.delay_ms``.
        """
        self._mix = RoomMix(settings)
        self._recording: IO[bytes] | None = None
        if settings.recording:
            self._recording = Path(settings.recording).open("wb", buffering=0)  # noqa: SIM115
        self._wishes: deque[Wish] = deque()
        self._written: deque[Pcm] = deque(maxlen=_WRITTEN_BLOCKS)
        self._tap = SpeakerTap(speaker)
        self._microphone = Microphone(microphone, keep_s=_COMPARED_S)
        for _ in range(_WRITTEN_BLOCKS):
            self.step()
        self._added_s = settings.delay_ms / 1000 - self._card_delay_s()
        if self._added_s < 0:
            raise AudioError(
                f"The card alone takes {settings.delay_ms - self._added_s * 1000:.0f} ms from its "
                f"speaker to its microphone, more than the {settings.delay_ms:g} ms asked for."
            )
        if settings.echo_db is not None:
            self._mix.echo = EchoPath(
                10 ** (settings.echo_db / 20),
                round(self._added_s * RATE_HZ),
                room=room_response(settings.seed, settings.rt60_s, RATE_HZ)
                if settings.rt60_s > 0.0
                else None,
            )

    @property
    def began_s(self) -> float:
        """The monotonic time of the first sample."""
        return self._tap.began_s

    def step(self) -> None:
        """Wait for the loudspeaker's next block, and give the microphone what it hears."""
        while self._wishes and self._microphone.is_there:
            self._mix.say(self._wishes.popleft())
        played = self._tap.read()
        heard = self._mix.mix(played)
        self._microphone.write(heard)
        self._written.append(heard)
        if self._recording is not None:
            self._recording.write(np.stack((played, heard), axis=1).astype("<i2").tobytes())

    def say(self, wish: Wish) -> None:
        """Who speaks waits until the microphone is there."""
        self._wishes.append(wish)

    def report(self) -> AirReport:
        card_ms = self._card_delay_s() * 1000
        return AirReport(
            round(card_ms, 1),
            round(card_ms + self._added_s * 1000, 1),
            self._microphone.gaps,
            round(self._microphone.gap_s * 1000, 1),
        )

    def close(self) -> None:
        self._microphone.close()
        self._tap.close()
        if self._recording is not None:
            self._recording.close()

    def _card_delay_s(self) -> float:
        """From a sample at the loudspeaker's end to the one written for it at the microphone's."""
        heard_s, heard = self._microphone.delivered()
        written = np.concatenate(self._written)
        first = self._mix.position - len(written) + _place(heard, written)
        return heard_s - (self.began_s + first / RATE_HZ)


def _place(piece: Pcm, whole: Pcm) -> int:
    """Where in ``whole`` lies what resembles ``piece`` most: least squares."""
    size = len(whole) + len(piece)
    spectrum = np.fft.rfft(whole, size) * np.conj(np.fft.rfft(piece, size))
    products = np.fft.irfft(spectrum, size)[: len(whole) - len(piece) + 1]
    squares = np.cumsum(np.concatenate(([0.0], whole.astype(np.float64) ** 2)))
    energy = squares[len(piece) :] - squares[: len(squares) - len(piece)]
    return int(np.argmin(energy - 2 * products))


class _Commands:
    """What arrives on stdin, read on a thread so that the sound never waits for it."""

    def __init__(self) -> None:
        self._arrived: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, name="commands", daemon=True).start()

    def obey(self, loop: RoomLoop) -> bool:
        """Do what has been asked since the last call; ``False`` at the end of stdin."""
        while not self._arrived.empty():
            command = self._arrived.get()
            if command is None:
                return False
            if "report" in command:
                _answer(asdict(loop.report()))
            else:
                after_s = command["after_reply_s"]
                wish = Wish(
                    command["pcm"],
                    _granted,
                    None if after_s is None else round(after_s * RATE_HZ),
                    round(command["timeout_s"] * RATE_HZ),
                )
                loop.say(wish)
        return True

    def _read(self) -> None:
        for line in sys.stdin:
            command = json.loads(line)
            if "say" in command:
                command["pcm"] = read_sound(Path(command["say"]))
            self._arrived.put(command)
        self._arrived.put(None)


def _granted(utterance: Utterance | None) -> None:
    _answer({} if utterance is None else asdict(utterance))


def _answer(answer: Mapping[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


def main(speaker: str, microphone: str, settings: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the parent, who ends stdin
    make_urgent(0, priority=_PRIORITY)
    chosen = AirSettings(**json.loads(settings))
    try:
        loop = RoomLoop(speaker, microphone, chosen)
    except HeisenbergError as exc:
        _answer({"refused": str(exc)})
        return
    commands = _Commands()
    _answer({"began_s": loop.began_s})
    while commands.obey(loop):
        loop.step()
    loop.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
