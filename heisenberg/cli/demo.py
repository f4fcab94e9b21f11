"""``heisenberg demo``: one spoken question, answered end to end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from heisenberg.cli.options import ConfigOption, SetOption, load_config

if TYPE_CHECKING:
    from heisenberg.audio.base import Pcm
    from heisenberg.core.config import Config

QUESTION: Final = "Hey Jarvis, what is the capital of France?"
OUT: Final = Path("demo.wav")
_LEAD_S: Final = 1.0
_TAIL_S: Final = 0.5


def demo(config: ConfigOption = None, settings: SetOption = None) -> int:
    """Ask a spoken question and answer it; play it, and write demo.wav."""
    from heisenberg.core import lifecycle
    from heisenberg.core.files import check_writable

    loaded = load_config(config, settings)
    check_writable(OUT)
    return lifecycle.run(_demo(loaded))


async def _demo(config: Config) -> int:
    from heisenberg import simulation
    from heisenberg.audio.wavfile import write_wav
    from heisenberg.cli.progress import show_loading
    from heisenberg.cli.timeline import Timeline, waterfall
    from heisenberg.core.errors import TurnError
    from heisenberg.core.events import Event
    from heisenberg.core.latency import LatencyObserver

    print(f'The question, spoken by the voice itself: "{QUESTION}"', file=sys.stderr)
    question = await _speak(config, QUESTION)
    result = await simulation.simulate(
        config, question, observer=Timeline(sys.stderr), progress=show_loading
    )
    report = LatencyObserver(lambda turn: typer.echo("\n".join(waterfall(turn)), err=True))
    for record in result.events:
        report(record)
    write_wav(OUT, _together(question, result.speaker))
    print(f"Question and answer are in {OUT}.", file=sys.stderr)
    replies = [record for record in result.events if record.event is Event.LLM_COMPLETE]
    if not replies:
        raise TurnError("The question got no answer.", "Run 'heisenberg doctor'.")
    await _play(config, _together(question, result.speaker))
    print(replies[-1].fields["text"])
    return 0


async def _speak(config: Config, text: str) -> Pcm:
    """``text`` as a microphone would hear it, with a little silence on both sides."""
    import numpy as np

    from heisenberg.audio.base import RATE_HZ
    from heisenberg.audio.resample import Resampler
    from heisenberg.core.lifecycle import Stages
    from heisenberg.main import load_voice

    async with Stages() as stages:
        voice = await load_voice(config, stages)
        chunks = [chunk async for chunk in voice.synthesize(text)]
    resampler = Resampler(chunks[0].rate_hz, RATE_HZ)
    return np.concatenate(
        [
            np.zeros(round(_LEAD_S * RATE_HZ), np.int16),
            *(resampler.push(chunk.pcm) for chunk in chunks),
            resampler.flush(),
            np.zeros(round(_TAIL_S * RATE_HZ), np.int16),
        ]
    )


def _together(question: Pcm, speaker: Pcm) -> Pcm:
    import numpy as np

    mixed = speaker.astype(np.int32)
    mixed[: len(question)] += question
    return np.clip(mixed, -32768, 32767).astype(np.int16)


async def _play(config: Config, pcm: Pcm) -> None:
    """Play where there is a speaker; say so where there is none."""
    from heisenberg.audio.base import AudioChunk
    from heisenberg.audio.portaudio import LiveClock, PortAudioSink
    from heisenberg.core.errors import AudioError
    from heisenberg.core.lifecycle import Stages

    try:
        async with Stages() as stages:
            sink = await stages.start(
                "speaker", PortAudioSink.open(config.audio.output_device, LiveClock().now_s)
            )
            await sink.write(AudioChunk(pcm))
            await sink.drain()
    except AudioError as exc:
        print(f"Not played: {exc.message}", file=sys.stderr)
