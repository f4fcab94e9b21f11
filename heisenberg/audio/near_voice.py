"""Does somebody in the room speak, or is it only what is left of our own echo?"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np
import numpy.typing as npt

from heisenberg.audio.base import CHUNK_SAMPLES, RATE_HZ, Pcm

_Floats = npt.NDArray[np.float64]
_Flags = npt.NDArray[np.bool_]

_WINDOW: Final = 256
_EDGES_HZ: Final = (190, 500, 1000, 2000, 4000, 8001)
_BANDS: Final = len(_EDGES_HZ) - 1

# All levels are those of a band in a frame, in dB; steps are what changes in a frame of 10 ms.
_SILENT_DB: Final = 48.0
"""A tone at -80 dBFS. What is played below it makes no echo."""
_AUDIBLE_DB: Final = _SILENT_DB + 10.0
_RANGE_DB: Final = 25.0
"""What is learned is learned from bands at most so much below their loudest."""
_FADE_DB: Final = 0.6
"""An echo dies away by 60 dB in a second: no living room is slower."""
_EXPECTED_FRAMES: Final = 30
"""An echo that has not been found yet may come so much later than what it is the echo of."""
_SEARCHED_FRAMES: Final = 150
"""An echo that was not found for so long is none."""
_DISTORTION_DB: Final = 20.0
"""A loudspeaker puts so much less than what is loudest into the other bands."""

# Quantiles are followed by unequal steps: nine frames in ten stay below the echo's level, 99 in 100
# below the rest's.
_ECHO_UP_DB: Final = 0.45
_ECHO_DOWN_DB: Final = 0.05
_REST_UP_DB: Final = 3.0
_REST_DOWN_DB: Final = 0.04
_FIRST_DOWN_DB: Final = 0.25
"""The rest falls so fast while the canceller learns the room."""
_WARM_UP_FRAMES: Final = 120
_TRUST_FRAMES: Final = 400
_OPEN_UP_DB: Final = 0.02
"""While somebody speaks, it is hardly the rest that is heard."""
_LEAST_DB: Final = -60.0
_MOST_DB: Final = 6.0
"""No echo is so much louder than it was so far; the first is taken to be as loud as what is
played."""
_MARGIN_DB: Final = 4.0
_FLOOR_DB: Final = -16.0
"""A voice is never looked for so far below the echo: the rest comes in bursts."""
_COLD_FLOOR_DB: Final = 0.0
"""Before the canceller has learned the room, a voice must be louder than the echo."""

_OVER_NOISE_DB: Final = 10.0
_NOISE_FRAMES: Final = 75
_NOISE_SMOOTHING: Final = 0.25

_CAP_DB: Final = 6.0
"""The evidence of one band in one frame."""
_NEEDED_DB: Final = 16.0
_ENOUGH_DB: Final = 48.0
_LOSS_DB: Final = 6.0
_HOLD_FRAMES: Final = 20


class NearVoice:
    """Learns, by band, how loud the echo is and how much of it is left, against what is played.

    What is louder than that and than the room's noise is evidence of a voice; some frames of it
    are enough, and hold for 0.2 s. In made-up rooms a voice as loud as the echo is heard 20 ms
    after it began (the median; nine in ten within 50 ms).
    """

    def __init__(self) -> None:
        bins_hz = np.fft.rfftfreq(_WINDOW, 1 / RATE_HZ)[:, None]
        lower, upper = np.array(_EDGES_HZ[:-1]), np.array(_EDGES_HZ[1:])
        self._in_band = ((bins_hz >= lower) & (bins_hz < upper)).astype(np.float32)
        self._hann = np.hanning(_WINDOW).astype(np.float32)
        self._frames = np.zeros((3, _WINDOW), dtype=np.float32)
        self.reset()

    def reset(self) -> None:
        """Forget the room."""
        self._far_db: _Floats = np.full(_BANDS, _SILENT_DB)
        self._loudest_db = self._far_db
        self._played_db: deque[_Floats] = deque(maxlen=_EXPECTED_FRAMES)
        self._echo_db: _Floats = np.zeros(_BANDS)
        self._noise = _NoiseFloor()
        self._searched_frames = 0
        self.relearn()

    def relearn(self) -> None:
        """Forget how much is left: the canceller begins anew."""
        self._rest_db: _Floats = self._echo_db + _MOST_DB
        self._heard_frames = 0
        self._evidence_db = 0.0
        self._hold = 0

    @property
    def warm(self) -> bool:
        """So much was played that a canceller has converged."""
        return self._heard_frames >= _WARM_UP_FRAMES

    @property
    def trust(self) -> float:
        """How well a suppressor knows the room by now: 0 until it is warm, 1 four seconds later."""
        return min(1.0, max(0.0, (self._heard_frames - _WARM_UP_FRAMES) / _TRUST_FRAMES))

    @property
    def echoing(self) -> bool:
        """Something is played that makes an audible echo."""
        return bool(np.any(self._far_db > _AUDIBLE_DB))

    def hears(self, rest: npt.NDArray[np.float32], near: Pcm, far: Pcm, *, placed: bool) -> bool:
        """Whether somebody speaks in these 10 ms.

        ``rest`` is ``near`` without the linear echo of ``far``; ``placed`` says that ``far`` is
        level with its echo.
        """
        rest_db, near_db, played_db = self._levels_db(rest, near, far)
        self._played_db.append(np.maximum(played_db, np.max(played_db) - _DISTORTION_DB))
        expected_db = self._played_db[-1] if placed else np.max(self._played_db, axis=0)
        self._far_db = np.maximum(np.maximum(expected_db, self._far_db - _FADE_DB), _SILENT_DB)
        self._loudest_db = np.maximum(self._far_db, self._loudest_db - 0.02)
        louder_db = np.minimum(
            rest_db - self._far_db - self._expected_db(), rest_db - self._noise.push(rest_db)
        )
        self._weigh(float(np.sum(np.clip(louder_db, 0.0, _CAP_DB))))
        telling = (self._far_db > self._loudest_db - _RANGE_DB) & (self._far_db > _AUDIBLE_DB)
        if np.any(telling):
            self._searched_frames += not placed
            if placed or self._searched_frames > _SEARCHED_FRAMES:
                self._learn(rest_db - self._far_db, near_db - self._far_db, telling)
        return self._hold > 0

    def _levels_db(self, *frames: npt.NDArray[np.generic]) -> tuple[_Floats, _Floats, _Floats]:
        self._frames[:, :-CHUNK_SAMPLES] = self._frames[:, CHUNK_SAMPLES:]
        for row, frame in zip(self._frames, frames, strict=True):
            row[-CHUNK_SAMPLES:] = frame
        spectra = np.fft.rfft(self._frames * self._hann)
        power = (np.square(spectra.real) + np.square(spectra.imag)) @ self._in_band
        rest_db, near_db, far_db = 10 * np.log10(power + 1.0)
        return rest_db, near_db, far_db

    def _expected_db(self) -> _Floats:
        """What an echo may leave, against what is played."""
        floor_db = _FLOOR_DB if self.warm else _COLD_FLOOR_DB
        least = np.maximum(self._rest_db + _MARGIN_DB, self._echo_db + floor_db)
        return np.minimum(least, self._echo_db + _MOST_DB)

    def _weigh(self, louder_db: float) -> None:
        if louder_db > 0.0:
            self._evidence_db = min(self._evidence_db + louder_db, _ENOUGH_DB)
        else:
            self._evidence_db = max(self._evidence_db - _LOSS_DB, 0.0)
        if louder_db > 0.0 and self._evidence_db >= _NEEDED_DB:
            self._hold = _HOLD_FRAMES
        elif self._hold:
            self._hold -= 1

    def _learn(self, rest_db: _Floats, near_db: _Floats, telling: _Flags) -> None:
        """A quantile is followed by steps up and down of unequal size."""
        self._heard_frames += 1
        first = not self.warm
        down_db = _FIRST_DOWN_DB if first else _REST_DOWN_DB
        up_db = _OPEN_UP_DB if self._hold else _REST_UP_DB
        self._echo_db = _step(self._echo_db, near_db, telling, _ECHO_UP_DB, _ECHO_DOWN_DB)
        self._echo_db = np.maximum(self._echo_db, _LEAST_DB)
        self._rest_db = _step(self._rest_db, rest_db, telling, up_db, down_db)
        self._rest_db = np.clip(self._rest_db, _LEAST_DB - 40.0, self._echo_db + _MOST_DB)


class _NoiseFloor:
    """The quietest moment of the last 0.75 to 1.5 s, by band, and a margin over it."""

    def __init__(self) -> None:
        self._frames = 0
        self._smooth_db: _Floats = np.zeros(_BANDS)
        self._least_db: _Floats = np.zeros(_BANDS)
        self._before_db: _Floats = np.zeros(_BANDS)

    def push(self, level_db: _Floats) -> _Floats:
        if self._frames == 0:
            self._smooth_db = self._before_db = level_db
        self._smooth_db = self._smooth_db + _NOISE_SMOOTHING * (level_db - self._smooth_db)
        if self._frames % _NOISE_FRAMES == 0:
            self._before_db = self._least_db if self._frames else self._smooth_db
            self._least_db = self._smooth_db
        self._least_db = np.minimum(self._least_db, self._smooth_db)
        self._frames += 1
        return np.minimum(self._before_db, self._least_db) + _OVER_NOISE_DB


def _step(
    level: _Floats, measured: _Floats, telling: _Flags, up_db: float, down_db: float
) -> _Floats:
    moved = np.where(measured > level, level + up_db, level - down_db)
    return np.where(telling, moved, level)
