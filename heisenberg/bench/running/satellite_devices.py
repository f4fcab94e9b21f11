"""The child process behind ``bench.running.satellites``: satellites that hear recordings.

Its argument is how many. It prints their addresses as a line of JSON, and another line when all of
them are called. For each line on its standard input, a list with the path of a recording for each
satellite or null, it plays them all from the same moment on, at the pace of speech, and prints what
each satellite heard of it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
from wyoming.event import async_read_event, async_write_event

from heisenberg.audio.base import RATE_HZ, AudioChunk, Pcm
from heisenberg.audio.wavfile import read_sound, write_wav
from heisenberg.wyoming.messages import Detection, Event, PipelineStage, Pong, RunPipeline
from heisenberg.wyoming.sound import to_message

_STEP_S: Final = 0.02
_STEP: Final = round(_STEP_S * RATE_HZ)
_INAUDIBLE: Final = 100
_PATIENCE_S: Final = 60.0
_SILENCE: Final = np.zeros(_STEP, np.int16)


class Device:
    """A satellite that listens for the wake word itself; its microphone hears a recording."""

    def __init__(self) -> None:
        self._writer: asyncio.StreamWriter | None = None
        self._told: list[tuple[float, Event]] = []
        self._streams = asyncio.Event()
        self._over = asyncio.Event()
        self.called = asyncio.Event()
        self.port = 0

    async def open(self) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    async def play(self, path: Path, played: Path) -> dict[str, Any]:
        """Let a recording be heard after a call; what was said to it goes to ``played``.

        Times are seconds from the last voice in the recording on.
        """
        sound = await asyncio.to_thread(read_sound, path)
        self._told.clear()
        self._over.clear()
        self._streams.set()
        began_s = time.monotonic()
        await self._say(Detection(name="hey_jarvis").event())
        await self._say(RunPipeline(PipelineStage.ASR, PipelineStage.TTS).event())
        streaming = asyncio.create_task(self._stream(sound, began_s))
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._over.wait()
        except TimeoutError:
            self._streams.clear()
        await streaming
        asked_s = began_s + float(np.flatnonzero(np.abs(sound) > _INAUDIBLE)[-1]) / RATE_HZ
        return await asyncio.to_thread(self._heard, asked_s, played)

    async def _stream(self, sound: Pcm, began_s: float) -> None:
        """The recording and then silence, for as long as they are listened to."""
        at = 0
        while self._streams.is_set():
            step = sound[at : at + _STEP]
            step = step if len(step) == _STEP else _SILENCE
            at += _STEP
            await asyncio.sleep(max(0.0, began_s + at / RATE_HZ - time.monotonic()))
            await self._say(to_message(AudioChunk(step)).event())

    def _heard(self, asked_s: float, played: Path) -> dict[str, Any]:
        chunks = [(t_s, event) for t_s, event in self._told if event.type == "audio-chunk"]
        words = [event.data["text"] for _, event in self._told if event.type == "transcript"]
        errors = [event.data["text"] for _, event in self._told if event.type == "error"]
        parts = [np.frombuffer(event.payload or b"", "<i2") for _, event in chunks]
        if parts:
            write_wav(played, np.concatenate(parts).astype(np.int16), chunks[0][1].data["rate"])
        return {
            "transcript": words[-1] if words else "",
            "first_sound_s": round(chunks[0][0] - asked_s, 3) if chunks else None,
            "error": errors[-1] if errors else "",
        }

    async def _say(self, event: Event) -> None:
        assert self._writer is not None
        await async_write_event(event, self._writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        while (event := await async_read_event(reader)) is not None:
            match event.type:
                case "ping":
                    await async_write_event(Pong().event(), writer)
                    continue
                case "run-satellite":
                    self.called.set()
                case "transcript":
                    self._streams.clear()
                case "error" | "audio-stop":
                    self._streams.clear()
                    self._over.set()
            self._told.append((time.monotonic(), event))


async def _main(count: int) -> None:
    devices = [Device() for _ in range(count)]
    for device in devices:
        await device.open()
    print(json.dumps([f"tcp://127.0.0.1:{device.port}" for device in devices]), flush=True)
    for device in devices:
        await device.called.wait()
    print("called", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        playing = [
            device.play(Path(path), Path(path).with_suffix(".answer.wav"))
            for device, path in zip(devices, json.loads(line), strict=True)
            if path
        ]
        print(json.dumps(await asyncio.gather(*playing)), flush=True)


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
