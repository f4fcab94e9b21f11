"""Real microphones and speakers through PortAudio (sounddevice).

PortAudio's callbacks copy bytes and nothing else; everything else happens in the event loop.
Devices run at their own rate and are resampled.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from typing import Any, Final, Literal, Self, TypeVar

import numpy as np
import structlog

from heisenberg.audio.base import CHUNK_SAMPLES, RATE_HZ, AudioChunk, Pcm, Playback
from heisenberg.audio.playqueue import PlayQueue
from heisenberg.audio.rechunk import Rechunker
from heisenberg.audio.resample import Resampler
from heisenberg.core.aio import EngineThread
from heisenberg.core.errors import DeviceLost, DeviceNotFound

_BLOCK_S: Final = 0.02
_BACKLOG_S: Final = 10.0
_LOST_AFTER_S: Final = 5.0
_WORDS: Final = {"input": "microphone", "output": "speaker"}
T = TypeVar("T")
_log = structlog.get_logger(__name__)
_NO_LIBRARY_HINT: Final = (
    "Install PortAudio: 'sudo apt install libportaudio2' on Debian, 'brew install portaudio' "
    "on macOS."
)


class LiveClock:
    """Seconds since it was made: the time base of a live session."""

    def __init__(self) -> None:
        self._started_s = time.monotonic()

    def now_s(self) -> float:
        return time.monotonic() - self._started_s


async def find_devices(input_device: str, output_device: str) -> None:
    """Raise ``DeviceNotFound`` now if a device can't be opened later."""
    thread = EngineThread("devices")
    try:
        await thread.run(lambda: _find("input", input_device))
        await thread.run(lambda: _find("output", output_device))
    finally:
        await thread.aclose()


class PortAudioSource:
    """A microphone."""

    def __init__(
        self, thread: EngineThread, stream: Any, rate_hz: int, now_s: Callable[[], float]
    ) -> None:
        self._thread = thread
        self._stream = stream
        self._now_s = now_s
        self._resampler = Resampler(rate_hz, RATE_HZ)
        self._rechunker = Rechunker(CHUNK_SAMPLES)
        self._arrived: asyncio.Queue[Pcm | None] = asyncio.Queue(round(_BACKLOG_S / _BLOCK_S))

    @classmethod
    async def open(cls, device: str, now_s: Callable[[], float]) -> Self:
        """Open ``device`` (a name, a part of one, a number, or empty for the default).

        ``now_s`` is the session's clock. Raises ``DeviceNotFound``; ``DeviceLost`` when it is
        busy.
        """
        loop = asyncio.get_running_loop()
        source: PortAudioSource | None = None

        def callback(data: Any, _frames: int, _time: Any, _status: Any) -> None:
            pcm = np.array(data, dtype=np.int16).mean(axis=1).astype(np.int16)
            _call_soon(loop, lambda: source._take(pcm) if source else None)

        thread = EngineThread("microphone")
        stream, rate_hz = await _open(thread, "input", device, callback)
        source = opened = cls(thread, stream, rate_hz, now_s)
        return opened

    def _take(self, pcm: Pcm) -> None:
        if self._arrived.full():
            _log.warning("sound from the microphone was dropped: this machine is too slow")
            return
        self._arrived.put_nowait(pcm)

    async def __aiter__(self) -> AsyncGenerator[AudioChunk, None]:
        while not self._arrived.empty():  # what was said before anybody listened
            self._arrived.get_nowait()
        t_s = self._now_s()
        while (pcm := await _still_alive(self._arrived.get(), "microphone")) is not None:
            for part in self._rechunker.push(self._resampler.push(pcm)):
                yield AudioChunk(part, RATE_HZ, t_s)
                t_s += len(part) / RATE_HZ

    async def aclose(self) -> None:
        await self._thread.aclose(lambda: _close(self._stream))
        if self._arrived.full():
            self._arrived.get_nowait()
        self._arrived.put_nowait(None)


class PortAudioSink:
    """A speaker; its stream stays open, because a sleeping one clips the first syllable."""

    def __init__(
        self,
        thread: EngineThread,
        stream: Any,
        rate_hz: int,
        queue: PlayQueue,
        now_s: Callable[[], float],
    ) -> None:
        self._thread = thread
        self._stream = stream
        self._rate_hz = rate_hz
        self._queue = queue
        self._now_s = now_s
        self._resampler: tuple[int, Resampler] | None = None
        self._changed = asyncio.Event()

    @classmethod
    async def open(cls, device: str, now_s: Callable[[], float]) -> Self:
        """Open ``device`` as for a microphone."""
        loop = asyncio.get_running_loop()
        sink: PortAudioSink | None = None

        def callback(data: Any, frames: int, _time: Any, _status: Any) -> None:
            if sink is None:
                data[:] = 0
                return
            data[:] = sink._queue.take(frames)[:, np.newaxis]
            _call_soon(loop, sink._changed.set)

        thread = EngineThread("speaker")
        stream, rate_hz = await _open(thread, "output", device, callback)
        sink = opened = cls(thread, stream, rate_hz, PlayQueue(rate_hz), now_s)
        return opened

    async def write(self, chunk: AudioChunk) -> float:
        while self._queue.full:
            await self._wait_for_change()
        if self._resampler is None or self._resampler[0] != chunk.rate_hz:
            self._resampler = (chunk.rate_hz, Resampler(chunk.rate_hz, self._rate_hz))
        sounds_at_s = self._now_s() + self._queue.waiting_s + float(self._stream.latency)
        self._queue.push(self._resampler[1].push(chunk.pcm))
        return sounds_at_s

    def clear(self) -> Playback:
        self._resampler = None
        return self._queue.end()

    async def drain(self) -> Playback:
        if self._resampler is not None:
            self._queue.push(self._resampler[1].flush())
            self._resampler = None
        while self._queue.waiting_s > 0.0:
            await self._wait_for_change()
        await asyncio.sleep(float(self._stream.latency))
        return self._queue.end()

    def duck(self, gain: float) -> None:
        self._queue.fader.ducked = gain

    async def aclose(self) -> None:
        await self._thread.aclose(lambda: _close(self._stream))

    async def _wait_for_change(self) -> None:
        self._changed.clear()
        await _still_alive(self._changed.wait(), "speaker")


async def _still_alive(callback: Coroutine[Any, Any, T], word: str) -> T:
    """A device whose callbacks stop coming is gone: unplugged, or taken by the system."""
    try:
        async with asyncio.timeout(_LOST_AFTER_S):
            return await callback
    except TimeoutError as exc:
        raise DeviceLost(
            f"The {word} has stopped working.", "Connect it again, and start Heisenberg again."
        ) from exc


async def _open(
    thread: EngineThread,
    kind: Literal["input", "output"],
    device: str,
    callback: Callable[..., None],
) -> tuple[Any, int]:
    try:
        return await thread.run(lambda: _open_stream(kind, device, callback))
    except BaseException:
        await thread.aclose()
        raise


def _open_stream(
    kind: Literal["input", "output"], device: str, callback: Callable[..., None]
) -> tuple[Any, int]:
    sd = _sounddevice()
    word = _WORDS[kind]
    found = _find(kind, device)
    rate_hz = int(found["default_samplerate"])
    channels = min(2, int(found[f"max_{kind}_channels"]))
    stream_class = sd.InputStream if kind == "input" else sd.OutputStream
    try:
        stream = stream_class(
            samplerate=rate_hz,
            blocksize=round(rate_hz * _BLOCK_S),
            device=found["index"],
            channels=channels,
            dtype="int16",
            latency="low",
            callback=callback,
        )
        try:
            stream.start()
        except sd.PortAudioError:
            stream.close()
            raise
    except sd.PortAudioError as exc:
        raise DeviceLost(
            f"The {word} '{found['name']}' can't be opened: {exc.args[0]}.",
            f"Close what else uses it, or choose another with audio.{kind}_device.",
        ) from exc
    return stream, rate_hz


def _find(kind: Literal["input", "output"], device: str) -> dict[str, Any]:
    sd = _sounddevice()
    try:
        wanted: str | int | None = int(device) if device.isdigit() else device or None
        found: dict[str, Any] = sd.query_devices(wanted, kind)
    except (sd.PortAudioError, ValueError) as exc:
        word = _WORDS[kind]
        named = f"No {word} matches '{device}'" if device else f"There is no {word}"
        raise DeviceNotFound(
            f"{named}.",
            f"Connect one, or name it with audio.{kind}_device; see 'heisenberg doctor'.",
        ) from exc
    return found


def _sounddevice() -> Any:
    try:
        with _quiet_stderr():
            import sounddevice
    except OSError as exc:
        raise DeviceNotFound("The PortAudio library is missing.", _NO_LIBRARY_HINT) from exc
    return sounddevice


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """ALSA writes pages about devices that aren't there to the process's stderr."""
    sys.stderr.flush()
    saved = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


def _close(stream: Any) -> None:
    stream.abort()
    stream.close()


def _call_soon(loop: asyncio.AbstractEventLoop, call: Callable[[], object]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended; so will the stream
        loop.call_soon_threadsafe(call)
