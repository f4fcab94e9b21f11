"""The ends of a virtual sound card that nobody has in a real one.

Where the loudspeaker's sound comes out, where the microphone's sound goes in, and what the
microphone makes of it. Each lives on when its device is pulled, and finds it again. All sound is
16 kHz mono; the two devices run on the system's monotonic clock, so nothing drifts.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from typing import Final

import numpy as np

from heisenberg.audio.base import CHUNK_SAMPLES, RATE_HZ, Pcm
from heisenberg.bench.virtual_card.pulse import Capture, Playback
from heisenberg.core.errors import DeviceLost

BLOCK_S: Final = CHUNK_SAMPLES / RATE_HZ

_RETRY_S: Final = 0.1
_AHEAD_S: Final = 0.03
"""How long before it sounds the microphone's sound is written."""

_NEVER_FULL_S: Final = 0.2
_FINE_S: Final = 0.005
_SETTLING_BLOCKS: Final = 30
_MEASURED_BLOCKS: Final = 30
_GAP_SAMPLES: Final = 32
_UNCOUNTED_S: Final = 0.5


class SpeakerTap:
    """What the loudspeaker plays, block after block; silence, as fast, while it is away.

    ``began_s`` is the monotonic time at which the first sample would have come out.
    """

    def __init__(self, server: str) -> None:
        """Raises ``DeviceLost`` when it is away."""
        self._server = server
        self._blocks = 0
        self._ended = False
        self._finder: threading.Thread | None = None
        self._resuming = False
        self._early: Pcm | None = None
        capture = _steady(server, "speaker.monitor", BLOCK_S)
        self.began_s = _began_s(capture)
        self._capture: Capture | None = capture

    def read(self) -> Pcm:
        """Wait for the next block."""
        self._blocks += 1
        due_s = self.began_s + self._blocks * BLOCK_S
        pcm, self._early = self._early, None
        if pcm is None:
            pcm = self._captured()
        if pcm is not None and self._resuming and time.monotonic() > due_s:
            pcm, self._early = None, pcm  # too late for this block is early for a later one
        if pcm is None:
            time.sleep(max(0.0, due_s - time.monotonic()))
            return np.zeros(CHUNK_SAMPLES, np.int16)
        self._resuming = False
        return pcm

    def close(self) -> None:
        self._ended = True
        if self._finder is not None:
            self._finder.join()
        if self._capture is not None:
            self._capture.close()

    def _captured(self) -> Pcm | None:
        if self._capture is None:
            return None
        try:
            return self._capture.read(CHUNK_SAMPLES)
        except DeviceLost:
            self._capture.close()
            self._capture = None
            self._resuming = True
            self._finder = threading.Thread(target=self._find, name="speaker", daemon=True)
            self._finder.start()
            return None

    def _find(self) -> None:
        while not self._ended and self._capture is None:
            with contextlib.suppress(DeviceLost):
                self._capture = _steady(self._server, "speaker.monitor", BLOCK_S)
                return
            time.sleep(_RETRY_S)


class Microphone:
    """Sound for the microphone, and what it delivers of that to whoever listens.

    What is written while it is away is lost. Where nothing silent is written, a run of zeros
    delivered is a gap in the sound: ``gaps`` counts them and ``gap_s`` adds up their length, but
    for a microphone's first half second.
    """

    def __init__(self, server: str, *, keep_s: float) -> None:
        self._server = server
        self._delivered: deque[tuple[float, Pcm]] = deque(maxlen=round(keep_s / _FINE_S))
        self._playback: Playback | None = None
        self._opened: tuple[Playback, float] | None = None
        self._ended = False
        self._in_gap = False
        self.gaps = 0
        self.gap_s = 0.0
        self._listener = threading.Thread(target=self._listen, name="microphone", daemon=True)
        self._listener.start()

    @property
    def is_there(self) -> bool:
        """What is written is heard."""
        return self._playback is not None

    def write(self, pcm: Pcm) -> None:
        """Sounds a fixed time later."""
        opened, self._opened = self._opened, None
        try:
            if opened is not None:
                self._playback, attached_s = opened
                ahead_s = _AHEAD_S + time.monotonic() - attached_s
                self._playback.write(np.zeros(round(ahead_s * RATE_HZ), np.int16))
            if self._playback is not None:
                self._playback.write(pcm)
        except DeviceLost:
            assert self._playback is not None
            self._playback.close()
            self._playback = None

    def delivered(self) -> tuple[float, Pcm]:
        """The monotonic time of the first of the last ``keep_s`` delivered, and they."""
        pieces = tuple(self._delivered)
        sizes = np.cumsum([0, *(len(pcm) for _, pcm in pieces)])
        # Pieces come late now and then, never early.
        began_s = min(
            arrived_s - size / RATE_HZ
            for (arrived_s, _), size in zip(pieces, sizes[1:], strict=True)
        )
        return began_s, np.concatenate([pcm for _, pcm in pieces])

    def close(self) -> None:
        self._ended = True
        self._listener.join()
        if self._playback is not None:
            self._playback.close()

    def _listen(self) -> None:
        while not self._ended:
            with contextlib.suppress(DeviceLost):
                capture = _steady(self._server, "microphone.monitor", _FINE_S)
                playback = Playback(self._server, "microphone", buffer_s=_NEVER_FULL_S)
                self._opened = playback, time.monotonic()
                try:
                    self._listen_to(capture)
                finally:
                    capture.close()
            time.sleep(_RETRY_S)

    def _listen_to(self, capture: Capture) -> None:
        self._delivered.clear()
        uncounted = round(_UNCOUNTED_S / _FINE_S)
        while not self._ended:
            pcm = capture.read(round(_FINE_S * RATE_HZ))
            self._delivered.append((time.monotonic(), pcm))
            if uncounted > 0:
                uncounted -= 1
            else:
                self._count_gaps(pcm)

    def _count_gaps(self, pcm: Pcm) -> None:
        edges = np.flatnonzero(np.diff(pcm == 0, prepend=False, append=False))
        begins, ends = edges[::2], edges[1::2]
        long = ends - begins >= _GAP_SAMPLES
        self.gap_s += float(np.sum((ends - begins)[long])) / RATE_HZ
        self.gaps += int(np.sum(long & ~((begins == 0) & self._in_gap)))
        self._in_gap = bool(len(long)) and bool(long[-1]) and int(ends[-1]) == len(pcm)


def _steady(server: str, source: str, block_s: float) -> Capture:
    """A stream that delivers at its pace.

    An idle sink makes long blocks; it takes one of them until they are as short as is asked for.
    """
    capture = Capture(server, source, block_s=block_s)
    for _ in range(_SETTLING_BLOCKS):
        capture.read(round(block_s * RATE_HZ))
    return capture


def _began_s(capture: Capture) -> float:
    """The monotonic time at which the block after those read here begins to come out."""
    blocks = range(1, _MEASURED_BLOCKS + 1)
    arrivals_s = []
    for count in blocks:
        capture.read(CHUNK_SAMPLES)
        arrivals_s.append(time.monotonic() - count * BLOCK_S)
    return min(arrivals_s) + _MEASURED_BLOCKS * BLOCK_S
