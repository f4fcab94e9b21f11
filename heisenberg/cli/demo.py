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
    from heisenberg.tts.base import TextToSpeech

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
    from heisenberg.core.lifecycle import Stages
    from heisenberg.main import load_engines

    print(f'The question, spoken by the voice itself: "{QUESTION}"', file=sys.stderr)
    async with Stages(show_loading) as stages:
        engines = await load_engines(config, stages)
        question = await _spoken(engines.tts, QUESTION)
        result = await simulation.simulate(config, engines, question, observer=Timeline(sys.stderr))
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


async def _spoken(voice: TextToSpeech, text: str) -> Pcm:
    """``text`` as a microphone would hear it, with a little silence on both sides."""
    import numpy as np

    from heisenberg.audio.base import RATE_HZ
    from heisenberg.tts.speech import recorded

    def silence(seconds: float) -> Pcm:
        return np.zeros(round(seconds * RATE_HZ), np.int16)

    return np.concatenate(
        (silence(_LEAD_S), await recorded(voice, text, RATE_HZ), silence(_TAIL_S))
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
