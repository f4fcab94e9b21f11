"""Sound in messages: from any usual format to ours, and from ours to small parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, AudioChunk, Pcm
from heisenberg.audio.resample import Resampler
from heisenberg.core.errors import InputError
from heisenberg.wyoming import messages
from heisenberg.wyoming.messages import Event

_RATES_HZ: Final = range(8_000, 48_001)
_WIDTH: Final = 2
"""Bytes in a sample."""
_MOST_CHANNELS: Final = 2
_PART_S: Final = 0.1


class IncomingSound:
    """The sound of one stream, as 16 kHz mono. ``to_hz``: at another rate; 0: as it comes."""

    def __init__(self, to_hz: int = RATE_HZ) -> None:
        self._to_hz = to_hz
        self._format: tuple[int, int] | None = None
        self._resampler: Resampler | None = None

    @property
    def rate_hz(self) -> int:
        """Of what ``push`` returns; 0 before the first."""
        return self._to_hz or (self._format[0] if self._format else 0)

    def push(self, event: Event) -> Pcm:
        """The samples in an ``audio-chunk``. Raises ``InputError`` for what can't be used."""
        rate_hz, channels = _format(event.data)
        if self._format is None:
            self._format = (rate_hz, channels)
            self._resampler = Resampler(rate_hz, self._to_hz or rate_hz)
        elif self._format != (rate_hz, channels):
            raise InputError(
                "The format of the sound changes in the middle.", "Send audio-start before that."
            )
        data = event.payload or b""
        if len(data) % (_WIDTH * channels):
            raise InputError("A piece of sound ends within a sample.", "Send whole samples.")
        samples = np.frombuffer(data, dtype="<i2").astype(np.int16)
        if channels > 1:
            samples = samples.reshape(-1, channels).mean(axis=1).astype(np.int16)
        assert self._resampler is not None
        return self._resampler.push(samples)

    def flush(self) -> Pcm:
        """What was kept back; the stream is then over."""
        return np.empty(0, np.int16) if self._resampler is None else self._resampler.flush()


def parts(chunk: AudioChunk) -> Iterator[AudioChunk]:
    """``chunk`` in parts of a tenth of a second."""
    step = max(1, round(_PART_S * chunk.rate_hz))
    for begin in range(0, len(chunk.pcm), step):
        yield AudioChunk(chunk.pcm[begin : begin + step], chunk.rate_hz)


def to_message(chunk: AudioChunk) -> messages.AudioChunk:
    """``chunk`` as it is sent."""
    return messages.AudioChunk(chunk.rate_hz, _WIDTH, 1, chunk.pcm.astype("<i2").tobytes())


def start(rate_hz: int) -> messages.AudioStart:
    """What comes before the sound of a stream of ours."""
    return messages.AudioStart(rate_hz, _WIDTH, 1)


def check_format(data: Mapping[str, Any]) -> None:
    """Raise ``InputError`` for an ``audio-start`` of sound that can't be used."""
    _format(data)


def _format(data: Mapping[str, Any]) -> tuple[int, int]:
    rate_hz, width, channels = (data.get(name) for name in ("rate", "width", "channels"))
    if not isinstance(rate_hz, int) or rate_hz not in _RATES_HZ:
        raise InputError(
            f"Sound at {rate_hz} Hz can't be used.",
            f"Send between {_RATES_HZ[0]} and {_RATES_HZ[-1]} Hz, best {RATE_HZ}.",
        )
    if width != _WIDTH:
        raise InputError(
            f"Sound of {width} bytes a sample can't be used.", "Send 16 bits a sample: width 2."
        )
    if not isinstance(channels, int) or not 1 <= channels <= _MOST_CHANNELS:
        raise InputError(f"Sound of {channels} channels can't be used.", "Send one, or two.")
    return rate_hz, channels
