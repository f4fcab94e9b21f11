"""The way from a loudspeaker to a microphone: later, quieter, and with the room in it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from heisenberg.audio.base import RATE_HZ, Pcm

Floats = npt.NDArray[np.float64]


def echo_response(room: Floats, *, delay_s: float, gain_db: float) -> Floats:
    """The impulse response of the whole way at 16 kHz.

    ``room`` is scaled to unit energy first, so ``gain_db`` is the level of the whole echo, for
    noise of all frequencies; ``delay_s`` (not negative) comes before its first sample.
    """
    gain = 10 ** (gain_db / 20) / np.sqrt(np.sum(room**2))
    return np.concatenate((np.zeros(round(delay_s * RATE_HZ)), gain * room))


class EchoPath:
    """A stream convolved with ``response``, block by block and without any delay of its own.

    Uniformly partitioned overlap-save: a response as long as a room's costs some microseconds a
    block.
    """

    def __init__(self, response: Floats, block_samples: int) -> None:
        count = max(1, -(-len(response) // block_samples))
        padded = np.zeros(count * block_samples)
        padded[: len(response)] = response
        self._partitions = np.fft.rfft(padded.reshape(count, block_samples), 2 * block_samples)
        self._spectra = np.zeros_like(self._partitions)
        self._before = np.zeros(block_samples)

    def push(self, block: Pcm) -> Floats:
        """As many samples as ``block`` has, which must be ``block_samples``; not clipped."""
        samples = len(block)
        self._spectra = np.roll(self._spectra, 1, axis=0)
        self._spectra[0] = np.fft.rfft(np.concatenate((self._before, block)))
        self._before = block.astype(np.float64)
        mixed = np.sum(self._spectra * self._partitions, axis=0)
        return np.fft.irfft(mixed, 2 * samples)[samples:]
