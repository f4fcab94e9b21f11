"""What the microphone hears of the loudspeaker, found out with a chirp and a rustle.

The chirp shows how late and how loud the echo is; from the rustle, which has the rhythm and the
spectrum of speech, the echo canceller learns what it will have to take away.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, AudioChunk, AudioSource, Pcm
from heisenberg.audio.echo import EchoCancelledSource
from heisenberg.audio.live import LiveCard
from heisenberg.audio.room_canceller import RoomCanceller
from heisenberg.audio.webrtc import WebRtcCanceller
from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.config import AudioConfig
from heisenberg.service.check import Check, Status

_FROM_HZ: Final = 150.0
_TO_HZ: Final = 6000.0
_SWEEP_S: Final = 0.5
_SWEEPS: Final = 4
_RUSTLE_S: Final = 4.0
_SYLLABLES_HZ: Final = 4.0
_LISTEN_S: Final = 8.0
_LEVEL: Final = 6000.0
_ENOUGH_DB: Final = 12.0
_INAUDIBLE_DB: Final = -50.0


@dataclass(frozen=True, slots=True)
class EchoPathReport:
    """The path from loudspeaker to microphone.

    ``heard_db``: the sound at the microphone against what was played. ``delay_ms`` is the
    canceller's, ``None`` where it found no echo; ``echo_loss_db`` is what it took away at its best.
    """

    microphone: str
    speaker: str
    zeros: bool
    heard_db: float
    delay_ms: float | None
    echo_loss_db: float


async def measure_echo(config: AudioConfig) -> EchoPathReport:
    """Play for six seconds and listen. Raises ``DeviceNotFound`` without PortAudio."""
    card = await LiveCard.open(config, lambda *_: None)
    canceller = RoomCanceller(WebRtcCanceller.load())
    raw = _Tapped(card.source)
    source = EchoCancelledSource(raw, card.reference, canceller)
    clean: list[Pcm] = []
    playing = asyncio.create_task(_play(card), name="chirp")
    try:
        async with aclosing(aiter(source)) as chunks:
            heard_s = 0.0
            async for chunk in chunks:
                clean.append(chunk.pcm)
                heard_s += chunk.duration_s
                if heard_s >= _LISTEN_S:
                    break
        played = 20 * np.log10(_rms(chirp()))
        heard = np.concatenate(raw.heard)
        return EchoPathReport(
            card.microphone,
            card.speaker,
            not heard.any(),
            round(20 * float(np.log10(max(_loud_rms(heard), 1e-3))) - played, 1),
            canceller.delay_ms,
            _loss_db(heard, np.concatenate(clean)),
        )
    finally:
        await cancel_and_wait(playing)
        await source.aclose()
        await card.aclose()


def judge(report: EchoPathReport) -> list[Check]:
    """What a user should know about it."""
    if not report.microphone or not report.speaker:
        gone = "microphone" if not report.microphone else "speaker"
        return [
            Check(
                "echo",
                Status.FAIL,
                f"There is no {gone} to measure with.",
                "'heisenberg doctor' says more about it.",
                "device_not_found",
            )
        ]
    if report.zeros:
        return [
            Check(
                "echo",
                Status.FAIL,
                f"The microphone {report.microphone} delivers nothing but zeros.",
                "Unmute it, and allow this program to use it.",
                "microphone_silent",
            )
        ]
    if report.delay_ms is None or report.heard_db < _INAUDIBLE_DB:
        return [
            Check(
                "echo",
                Status.OK,
                "The microphone does not hear the speaker: headphones, or it is turned down.",
            )
        ]
    found = (
        f"The microphone hears the speaker {report.delay_ms:.0f} ms late, "
        f"at {report.heard_db:+.0f} dB"
    )
    loss = report.echo_loss_db
    if loss < _ENOUGH_DB:
        return [
            Check(
                "echo",
                Status.WARN,
                f"{found}, and only {loss:.0f} dB of that can be taken away.",
                "Turn the speaker down, or put the microphone further away from it.",
                "little_echo_loss",
            )
        ]
    return [Check("echo", Status.OK, f"{found}; {loss:.0f} dB of that are taken away.")]


def chirp() -> Pcm:
    """A sweep through the frequencies of speech, half a second, with soft ends."""
    t = np.arange(round(_SWEEP_S * RATE_HZ)) / RATE_HZ
    rate = np.log(_TO_HZ / _FROM_HZ) / _SWEEP_S
    phase = 2 * np.pi * _FROM_HZ * np.expm1(rate * t) / rate
    shape = np.minimum(1.0, np.minimum(t, _SWEEP_S - t) / 0.02)
    wave: Pcm = (np.sin(phase) * shape * _LEVEL).astype(np.int16)
    return wave


def rustle() -> Pcm:
    """Noise with the spectrum and the syllables of speech."""
    samples = round(_RUSTLE_S * RATE_HZ)
    spectrum = np.fft.rfft(np.random.default_rng(1).normal(size=samples))
    hz = np.fft.rfftfreq(samples, 1 / RATE_HZ)
    spectrum /= 1.0 + hz / 500.0
    spectrum[(hz < _FROM_HZ) | (hz > _TO_HZ)] = 0.0
    noise = np.fft.irfft(spectrum, samples)
    t = np.arange(samples) / RATE_HZ
    shaped = noise * np.clip(np.sin(2 * np.pi * _SYLLABLES_HZ * t) + 0.6, 0.0, 1.0)
    wave: Pcm = (shaped / np.abs(shaped).max() * 3 * _LEVEL).astype(np.int16)
    return wave


async def _play(card: LiveCard) -> None:
    for _ in range(_SWEEPS):
        await card.sink.write(AudioChunk(chirp()))
    await card.sink.write(AudioChunk(rustle()))
    await card.sink.drain()


class _Tapped:
    """A source of which all that was heard is kept."""

    def __init__(self, source: AudioSource) -> None:
        self._source = source
        self.heard: list[Pcm] = []

    async def __aiter__(self) -> AsyncGenerator[AudioChunk, None]:
        async with aclosing(aiter(self._source)) as chunks:
            async for chunk in chunks:
                self.heard.append(chunk.pcm)
                yield chunk

    async def aclose(self) -> None:
        await self._source.aclose()


def _rms(pcm: Pcm) -> float:
    return float(np.sqrt(np.mean(np.square(pcm, dtype=np.float64))))


def _loss_db(heard: Pcm, clean: Pcm) -> float:
    """How much quieter the loud seconds became, where the canceller did best."""
    losses = [
        20 * np.log10(_rms(heard[at : at + RATE_HZ]) / max(_rms(clean[at : at + RATE_HZ]), 1.0))
        for at in range(0, len(heard) - RATE_HZ + 1, RATE_HZ // 4)
        if _rms(heard[at : at + RATE_HZ]) > 0.5 * _loud_rms(heard)
    ]
    return round(float(max(losses)), 1)


def _loud_rms(pcm: Pcm) -> float:
    """The level of the part of ``pcm`` in which the chirps were heard, wherever that lies."""
    windows = pcm[: len(pcm) // RATE_HZ * RATE_HZ].reshape(-1, RATE_HZ)
    return max(_rms(window) for window in windows)
