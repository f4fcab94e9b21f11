"""Interruptions over a real sound card path: loudspeaker, room, microphone.

The assistant speaks known sound; a user speaks into it at a known moment; what the loudspeaker
played is compared with what it would have played, sample by sample.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import statistics
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.audio.live import LiveCard
from heisenberg.audio.resample import Resampler
from heisenberg.bench.hearing.words import word_errors
from heisenberg.bench.turns.overlaps import REQUESTS, Backchannel, backchannels
from heisenberg.bench.turns.recorded_voice import RememberedVoice
from heisenberg.bench.virtual_card.air import Air, AirSettings, Recording, Utterance
from heisenberg.bench.virtual_card.virtual_room import virtual_room
from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.app import App
from heisenberg.core.config import Config
from heisenberg.core.events import Event, EventRecord
from heisenberg.loading import Engines
from heisenberg.main import Devices, assemble
from heisenberg.simulation import Conditions, simulate
from heisenberg.tts.speech import recorded

_REPLY: Final = (
    "The river begins high in the mountains, where the snow melts in the spring and many small "
    "streams come together. It runs through a narrow valley and past an old mill, and after some "
    "thirty miles it reaches the plain, where farmers have used its water for hundreds of years. "
    "Further down there are two large towns with bridges, boats and markets, and at the end the "
    "river becomes slow and wide, and flows into the northern sea between green islands."
)
_INTO_REPLY_S: Final = 2.0
_WINDOW: Final = RATE_HZ // 50
_FINE: Final = RATE_HZ // 200
_DUCKED_DB: Final = -12.0
_SILENT_RMS: Final = 20.0
_AUDIBLE_RMS: Final = 300.0
_STAYS_SILENT_S: Final = 0.3
_HEARD_WITHIN_S: Final = 4.0
_BETWEEN_S: Final = 0.8
_REQUEST_PITCHES: Final = (1.0, 1.1)
_AROUND: Final = RATE_HZ // 2


@dataclass(frozen=True, slots=True)
class Interruption:
    """One request spoken over the reply. Times are seconds from its first voiced sample.

    ``alone`` is what the recogniser makes of the same sound in a silent room.
    """

    request: str
    alone: str
    transcript: str
    ducked_s: float | None
    silent_s: float | None
    confirmed_to_silent_s: float | None

    def is_whole(self, transcript: str) -> bool:
        """Every word of the request is in ``transcript``, but for one in ten."""
        return word_errors(self.request, transcript) <= 0.1 * len(self.request.split())


@dataclass(frozen=True, slots=True)
class NoInterruption:
    """Something that should not have stopped the reply."""

    name: str
    stopped: bool


@dataclass(frozen=True, slots=True)
class BargeInReport:
    """All trials."""

    interruptions: tuple[Interruption, ...]
    others: tuple[NoInterruption, ...]

    def as_dict(self) -> dict[str, Any]:
        ducked, silent, confirmed = (
            [value for one in self.interruptions if (value := getattr(one, name)) is not None]
            for name in ("ducked_s", "silent_s", "confirmed_to_silent_s")
        )
        return {
            "requests": len(self.interruptions),
            "stopped": len(silent),
            "whole": sum(one.is_whole(one.transcript) for one in self.interruptions),
            "whole_alone": sum(one.is_whole(one.alone) for one in self.interruptions),
            "ducked_median_s": _rounded(statistics.median, ducked),
            "silent_median_s": _rounded(statistics.median, silent),
            "silent_p95_s": _rounded(lambda values: float(np.percentile(values, 95)), silent),
            "confirmed_to_silent_max_s": _rounded(max, confirmed),
            "others": len(self.others),
            "others_stopped": sum(one.stopped for one in self.others),
            "trials": [asdict(one) for one in self.interruptions],
            "stopped_for": [one.name for one in self.others if one.stopped],
        }


async def bench_barge_in(
    config: Config,
    engines: Engines,
    *,
    trials: int,
    settings: AirSettings,
    on_trial: Callable[[Interruption | NoInterruption], None],
) -> BargeInReport:
    """``trials`` requests and as many sounds that are none, at most 40 each.

    Raises ``DeviceNotFound`` where there is no PulseAudio.
    """
    engines = replace(engines, tts=RememberedVoice(engines.tts))
    reply = await _reply(config, engines)
    interruptions: list[Interruption] = []
    others: list[NoInterruption] = []
    # All before the first trial: what a reply takes of the voice's randomness depends on timing.
    requests = [
        (request, await _spoken(engines, request, pitch))
        for request, pitch in zip(
            REQUESTS[:trials], itertools.cycle(_REQUEST_PITCHES), strict=False
        )
    ]
    sounds = [
        (other.name, await _sound_of(engines, other))
        for other in backchannels()[:: max(1, len(REQUESTS) // trials)]
    ]
    with virtual_room(settings) as air:
        async with _stage(config, engines, air) as stage:
            for request, sound in requests:
                trial = await stage.interrupt(sound)
                alone = (await engines.stt.transcribe(np.pad(sound, _AROUND))).text
                judged = _judge(request, sound, reply, trial, air.recording())
                interruptions.append(replace(judged, alone=alone))
                on_trial(interruptions[-1])
            for name, sound in sounds:
                trial = await stage.interrupt(sound)
                others.append(NoInterruption(name, trial.confirmed is not None))
                on_trial(others[-1])
    return BargeInReport(tuple(interruptions), tuple(others))


@dataclass(slots=True)
class _Trial:
    """What came of one utterance; ``confirmed`` in samples of the air's clock."""

    utterance: Utterance | None = None
    confirmed: int | None = None
    transcript: str = ""


class _Stage:
    """A room on the virtual card that speaks, and is spoken into."""

    def __init__(self, app: App, air: Air) -> None:
        self._app = app
        self._air = air
        self._trial = _Trial()
        self._heard = asyncio.Event()
        app.bus.observe(self._note)

    async def interrupt(self, sound: Pcm) -> _Trial:
        """Say ``sound`` into a reply, and wait for what comes of it."""
        self._trial = trial = _Trial()
        self._heard.clear()
        room = self._app.room
        await room.announce(_REPLY)
        trial.utterance = await asyncio.to_thread(self._air.say, sound, after_reply_s=_INTO_REPLY_S)
        if trial.utterance is not None:
            seconds = len(sound) / RATE_HZ + _HEARD_WITHIN_S
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._heard.wait()
        await room.cancel()
        await asyncio.sleep(_BETWEEN_S)
        return trial

    def _note(self, record: EventRecord) -> None:
        if record.event is Event.BARGE_IN and record.fields["confirmed"]:
            self._trial.confirmed = self._air.now
        elif record.event is Event.TRANSCRIPT and record.fields["final"]:
            self._trial.transcript = record.fields["text"]
            self._heard.set()


@asynccontextmanager
async def _stage(config: Config, engines: Engines, air: Air) -> AsyncIterator[_Stage]:
    card = await LiveCard.open(config.audio, lambda *_: None)
    devices = Devices(card.source, card.sink, card.now_s, card.reference, card.sink.expect_sound)
    app = assemble(config, engines, devices)
    running = asyncio.create_task(app.run(), name="room")
    try:
        await asyncio.sleep(_BETWEEN_S)
        yield _Stage(app, air)
    finally:
        await cancel_and_wait(running)
        await card.aclose()


async def _reply(config: Config, engines: Engines) -> Pcm:
    """What the loudspeaker plays when nobody interrupts."""
    alone = Conditions(fast=True, announcements=(_REPLY,))
    result = await simulate(config, engines, np.zeros(1600, np.int16), alone)
    return result.speaker[np.flatnonzero(np.abs(result.speaker) > _SILENT_RMS)[0] :]


async def _spoken(engines: Engines, text: str, pitch: float) -> Pcm:
    spoken = await recorded(engines.tts, text, lead_s=0.0, tail_s=0.0)
    resampler = Resampler(round(RATE_HZ * pitch), RATE_HZ)
    return np.concatenate((resampler.push(spoken), resampler.flush()))


async def _sound_of(engines: Engines, other: Backchannel) -> Pcm:
    sound = await _spoken(engines, other.text, other.pitch) if other.sound is None else other.sound
    return (sound * 10 ** (other.level_db / 20)).astype(np.int16)


def _judge(request: str, sound: Pcm, reply: Pcm, trial: _Trial, heard: Recording) -> Interruption:
    """Compare what the loudspeaker played with ``reply``, from the user's first voice on."""
    where = trial.utterance
    if where is None or where.reply is None:
        return Interruption(request, "", trial.transcript, None, None, None)
    onset = where.begin + _first_voice(sound)
    played = heard.speaker[where.reply :]
    silent = _silent_from(played)
    ducked = _ducked_from(played, reply, onset - where.reply)
    silent_s = None if silent is None else (where.reply + silent - onset) / RATE_HZ
    confirmed_s = (
        None
        if silent is None or trial.confirmed is None
        else (where.reply + silent - trial.confirmed) / RATE_HZ
    )
    if trial.confirmed is None:
        silent_s = None
    return Interruption(
        request,
        "",
        trial.transcript,
        None if ducked is None else round((ducked + where.reply - onset) / RATE_HZ, 3),
        None if silent_s is None else round(silent_s, 3),
        None if confirmed_s is None else round(confirmed_s, 3),
    )


def _first_voice(sound: Pcm) -> int:
    loud = np.abs(sound.astype(np.int32))
    return int(np.argmax(loud > loud.max() / 20))


def _silent_from(played: Pcm) -> int | None:
    """The first sample from which on nothing sounds for a while."""
    windows = played[: len(played) // _FINE * _FINE].reshape(-1, _FINE).astype(np.float64)
    quiet = np.sqrt(np.mean(np.square(windows), axis=1)) < _SILENT_RMS
    need = round(_STAYS_SILENT_S * RATE_HZ / _FINE)
    for window in range(len(quiet) - need):
        if quiet[window : window + need].all():
            return window * _FINE
    return None


def _ducked_from(played: Pcm, reply: Pcm, onset: int) -> int | None:
    """The first sample after ``onset`` at which ``played`` is 12 dB below ``reply``."""
    lag = _lag(played, reply)
    for start in range(max(0, onset), min(len(played), len(reply) + lag) - _WINDOW, _FINE):
        meant = _rms(reply[max(0, start - lag) : start - lag + _WINDOW])
        if meant < _AUDIBLE_RMS:
            continue
        if 20 * np.log10(max(_rms(played[start : start + _WINDOW]), 1.0) / meant) <= _DUCKED_DB:
            return start
    return None


def _lag(played: Pcm, reply: Pcm) -> int:
    """By how many samples ``played`` is behind ``reply``: where they are most alike."""
    length = RATE_HZ
    spectrum = np.fft.rfft(played[:length].astype(np.float64), 2 * length)
    other = np.fft.rfft(reply[:length].astype(np.float64), 2 * length)
    alike = np.fft.irfft(spectrum * np.conj(other))
    best = int(np.argmax(alike))
    return best if best < length else best - 2 * length


def _rms(pcm: Pcm) -> float:
    return float(np.sqrt(np.mean(np.square(pcm, dtype=np.float64)))) if len(pcm) else 0.0


def _rounded(figure: Callable[[Sequence[float]], float], values: Sequence[float]) -> float | None:
    return round(figure(values), 3) if values else None
