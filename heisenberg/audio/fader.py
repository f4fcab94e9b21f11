"""Volume, ducking and mute of a speaker, as one gain that never jumps."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from heisenberg.audio.base import Pcm

_RAMP_S: Final = 0.01
"""A gain that jumps is heard as a click."""


class Fader:
    """Set from the event loop, applied on the sound card's thread."""

    def __init__(self, volume: float = 1.0) -> None:
        self.volume = volume
        """What the user chose, from 0 to 1."""
        self.ducked = 1.0
        """A further gain while somebody speaks."""
        self.muted = False
        self._gain = volume

    def apply(self, pcm: Pcm, rate_hz: int) -> Pcm:
        """``pcm``, the next samples to sound, at the gain that holds now."""
        wanted = 0.0 if self.muted else self.volume * self.ducked
        if wanted == self._gain:
            return pcm if wanted == 1.0 else (pcm * wanted).astype(np.int16)
        ramp = min(len(pcm), round(_RAMP_S * rate_hz))
        gains: npt.NDArray[np.float64] = np.full(len(pcm), wanted)
        gains[:ramp] = np.linspace(self._gain, wanted, ramp)
        self._gain = wanted
        return (pcm * gains).astype(np.int16)
