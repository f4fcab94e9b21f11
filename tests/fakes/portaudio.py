"""A sound system that is scripted: devices are plugged and pulled, and time passes when told to."""

from __future__ import annotations

import asyncio
import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from types import ModuleType, SimpleNamespace
from typing import Any, Final, Self, TypeVar

import numpy as np

from heisenberg.audio.base import Pcm
from heisenberg.audio.live_clock import LiveTime

T = TypeVar("T")

BUSY: Final = ("Device unavailable", -9985)
BAD_RATE: Final = ("Invalid sample rate", -9997)
STEP_S: Final = 0.01


class PortAudioError(Exception):
    """As sounddevice's: the text, PortAudio's code, and what the host said."""


@dataclass(slots=True, eq=False)
class FakeDevice:
    """``refusal`` is raised when it is opened at any of ``refused_hz``, or at any rate if empty.

    ``hears`` gives the next samples of a microphone; ``played`` is what a speaker has played.
    """

    name: str
    inputs: int = 0
    outputs: int = 0
    rate_hz: int = 48_000
    host_api: str = "Core Audio"
    refusal: tuple[Any, ...] | None = None
    refused_hz: tuple[int, ...] = ()
    drift: float = 0.0
    """How much faster than the clock it runs."""
    stalled: bool = False
    hears: Callable[[int], Pcm] = lambda frames: np.full(frames, 100, np.int16)
    played: list[Pcm] = field(default_factory=list)

    def sound(self) -> Pcm:
        """What it has played, without the silence around it."""
        pcm = np.concatenate(self.played) if self.played else np.zeros(0, np.int16)
        loud = np.flatnonzero(pcm)
        return pcm[loud[0] : loud[-1] + 1] if len(loud) else pcm[:0]


@dataclass(slots=True)
class _Status:
    input_overflow: bool = False
    output_underflow: bool = False

    def __bool__(self) -> bool:
        return self.input_overflow or self.output_underflow


class FakeSound:
    """What is plugged in, and ``module``, which stands in for sounddevice."""

    def __init__(self, *devices: FakeDevice) -> None:
        self.plugged = list(devices)
        self.listed: list[FakeDevice] = []
        self.running = False
        self.restarts = 0
        self.fails_to_start = False
        self.streams: list[_Stream] = []
        self.opened: list[tuple[str, int]] = []
        self.checks = 0
        """How often it was asked whether a speaker is there."""
        self.threads: set[int] = set()
        self.xruns: set[str] = set()
        """Devices whose next callback is told of an xrun."""
        self.module = ModuleType("sounddevice")
        vars(self.module).update(
            PortAudioError=PortAudioError,
            RawInputStream=lambda **settings: _Stream(self, "input", **settings),
            RawOutputStream=lambda **settings: _Stream(self, "output", **settings),
            query_devices=self._query_devices,
            check_output_settings=self._check_output,
            query_hostapis=lambda: [{"name": api} for api in self._host_apis()],
            default=_Default(self),
            _lib=SimpleNamespace(Pa_Initialize=self._initialize),
            _check=lambda _code, _message: None,
            _initialized=1,
            _terminate=self._terminate,
            _exit_handler=lambda: None,
        )
        self._initialize()
        self.restarts = 0

    def plug(self, device: FakeDevice) -> None:
        self.plugged.append(device)

    def pull(self, device: FakeDevice, *, quietly: bool = False) -> None:
        """Its streams end, or only call back no more if ``quietly``."""
        self.plugged.remove(device)
        for stream in self.streams:
            if stream.found is device:
                stream.die(quietly=quietly)

    def pass_time(self, seconds: float) -> None:
        for stream in list(self.streams):
            stream.pass_time(seconds)

    def is_open(self, device: FakeDevice) -> bool:
        """Whether a stream of it is open."""
        return any(stream.found is device for stream in self.streams)

    def rates_hz(self, device: FakeDevice) -> list[int]:
        """At which rates it was opened or tried, in order."""
        return [rate_hz for name, rate_hz in self.opened if name == device.name]

    def called(self) -> None:
        """PortAudio is used: on one thread, while it runs."""
        self.threads.add(threading.get_ident())
        assert self.running, "PortAudio is used while it is terminated"

    def _host_apis(self) -> list[str]:
        return sorted({device.host_api for device in self.listed})

    def _query_devices(self) -> list[dict[str, Any]]:
        self.called()
        return [
            {
                "name": device.name,
                "hostapi": self._host_apis().index(device.host_api),
                "default_samplerate": float(device.rate_hz),
                "max_input_channels": device.inputs,
                "max_output_channels": device.outputs,
            }
            for device in self.listed
        ]

    def _check_output(self, *, device: int, **_settings: Any) -> None:
        self.called()
        self.checks += 1
        listed = self.listed[device]
        found = next((there for there in self.plugged if there.name == listed.name), None)
        if found is None:
            raise PortAudioError("Unanticipated host error", -9999, (0, -5, "Input/output error"))
        if found.refusal:
            raise PortAudioError(*found.refusal)

    def _initialize(self) -> None:
        assert not self.running
        if self.fails_to_start:
            raise PortAudioError("Error initializing PortAudio: no host", -10000)
        self.running = True
        self.restarts += 1
        self.listed = list(self.plugged)

    def _terminate(self) -> None:
        self.called()
        assert not self.streams, "terminated with open streams"
        self.running = False


class _Default:
    """The first device of each kind is the default."""

    def __init__(self, sound: FakeSound) -> None:
        self._sound = sound

    @property
    def device(self) -> tuple[int, int]:
        listed = self._sound.listed
        inputs = [number for number, device in enumerate(listed) if device.inputs]
        outputs = [number for number, device in enumerate(listed) if device.outputs]
        return (inputs or [-1])[0], (outputs or [-1])[0]


class _Stream:
    latency = 0.04

    def __init__(self, sound: FakeSound, kind: str, **settings: Any) -> None:
        sound.called()
        listed = sound.listed[settings["device"]]
        names = {device.name: device for device in sound.plugged}
        looked_up = listed.host_api == "ALSA" and "(hw:" not in listed.name
        self.found = names.get(listed.name) if looked_up else listed
        self._sound = sound
        self._kind = kind
        self._rate_hz = int(settings["samplerate"])
        self._channels = int(settings["channels"])
        self._block = int(settings["blocksize"])
        self._callback = settings["callback"]
        self._finished = settings["finished_callback"]
        self._due = 0.0
        self._dead = False
        sound.opened.append((listed.name, self._rate_hz))
        if self.found is None or self.found not in sound.plugged:
            raise PortAudioError(
                "Error opening stream: Unanticipated host error", -9999, (0, -5, "No such device")
            )
        refused = self.found.refused_hz
        if self.found.refusal and (not refused or self._rate_hz in refused):
            raise PortAudioError(*self.found.refusal)
        sound.streams.append(self)

    def start(self) -> None:
        self._sound.called()

    def abort(self) -> None:
        self._sound.called()

    def close(self) -> None:
        self._sound.called()
        self._sound.streams.remove(self)

    def die(self, *, quietly: bool) -> None:
        self._dead = True
        if not quietly:
            self._finished()

    def pass_time(self, seconds: float) -> None:
        assert self.found is not None
        if self._dead or self.found.stalled:
            return
        self._due += seconds * self._rate_hz * (1 + self.found.drift)
        while self._due >= self._block - 1e-6:
            self._due -= self._block
            self._call_back(self.found)

    def _call_back(self, device: FakeDevice) -> None:
        xrun = device.name in self._sound.xruns
        self._sound.xruns.discard(device.name)
        if self._kind == "input":
            pcm = np.repeat(device.hears(self._block), self._channels)
            self._callback(
                memoryview(pcm.tobytes()), self._block, None, _Status(input_overflow=xrun)
            )
            return
        data = bytearray(2 * self._block * self._channels)
        self._callback(data, self._block, None, _Status(output_underflow=xrun))
        device.played.append(np.frombuffer(bytes(data), np.int16)[:: self._channels])


class VirtualTime:
    """A clock that moves when told to, and moves the devices of ``sound`` along."""

    def __init__(self, sound: FakeSound) -> None:
        self._sound = sound
        self._now_s = 0.0
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self.live = LiveTime(lambda: self._now_s, self._sleep)

    async def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass, and everything happen that is due."""
        for _ in range(round(seconds / STEP_S)):
            self._now_s += STEP_S
            self._sound.pass_time(STEP_S)
            await self._settle()
            await self._wake()

    def stall(self, seconds: float) -> None:
        """Time passes for the devices and the clock, but the event loop does nothing."""
        for _ in range(round(seconds / STEP_S)):
            self._now_s += STEP_S
            self._sound.pass_time(STEP_S)

    async def skip(self, seconds: float) -> None:
        """The clock goes on, and all else stands still: the process was stopped."""
        self._now_s += seconds
        await self._wake()

    async def _wake(self) -> None:
        while self._sleepers and self._sleepers[0][0] <= self._now_s + 1e-9:
            _, _, sleeper = heapq.heappop(self._sleepers)
            if not sleeper.done():
                sleeper.set_result(None)
            await self._settle()

    async def _sleep(self, seconds: float) -> None:
        sleeper = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now_s + seconds, next(self._order), sleeper))
        await sleeper

    async def _settle(self) -> None:
        for _ in range(8):
            await asyncio.sleep(0)


class InlineThread:
    """A ``SoundThread`` that makes its calls at once, in the event loop."""

    @classmethod
    def join(cls) -> Self:
        return cls()

    def leave(self) -> None:
        pass

    async def run(self, call: Callable[[], T]) -> T:
        return call()
