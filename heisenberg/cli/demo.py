"""``heisenberg demo``: one spoken question, answered end to end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from heisenberg.cli.options import ConfigOption, SetOption, load_config

if TYPE_CHECKING:
    from heisenberg.audio.base import Pcm
    from heisenberg.core.config import Config

QUESTION: Final = "What is the capital of France?"
OUT: Final = Path("demo.wav")


def demo(config: ConfigOption = None, settings: SetOption = None) -> int:
    """Ask a spoken question and answer it; play it, and write demo.wav."""
    from heisenberg.core import lifecycle
    from heisenberg.core.files import check_writable

    loaded = load_config(config, settings)
    check_writable(OUT)
    return lifecycle.run(_demo(loaded))


async def _demo(config: Config) -> int:
    from heisenberg.audio.wavfile import write_wav
    from heisenberg.cli.progress import show_loading
    from heisenberg.cli.timeline import Timeline, waterfall
    from heisenberg.core.errors import TurnError
    from heisenberg.core.events import Event
    from heisenberg.core.latency import latencies
    from heisenberg.core.lifecycle import Stages
    from heisenberg.loading import load_engines
    from heisenberg.simulation import ask_aloud

    print(f'The voice itself asks: "{QUESTION}"', file=sys.stderr)
    async with Stages(show_loading) as stages:
        engines = await load_engines(config, stages)
        question, result = await ask_aloud(config, engines, QUESTION, observer=Timeline(sys.stderr))
    for turn in latencies(result.events):
        print("\n".join(waterfall(turn)), file=sys.stderr)
    both = _together(question, result.speaker)
    write_wav(OUT, both)
    print(f"Question and answer are in {OUT}.", file=sys.stderr)
    replies = [record for record in result.events if record.event is Event.LLM_COMPLETE]
    if not replies:
        raise TurnError("The question got no answer.", "Run 'heisenberg doctor'.")
    await _play(config, both)
    print(replies[-1].fields["text"])
    return 0


def _together(question: Pcm, speaker: Pcm) -> Pcm:
    import numpy as np

    mixed = speaker.astype(np.int32)
    mixed[: len(question)] += question
    return np.clip(mixed, -32768, 32767).astype(np.int16)


async def _play(config: Config, pcm: Pcm) -> None:
    """Play where there is a speaker; say so where there is none."""
    from heisenberg.audio.base import AudioChunk
    from heisenberg.audio.live import LiveCard
    from heisenberg.core.errors import AudioError
    from heisenberg.core.lifecycle import Stages

    try:
        async with Stages() as stages:
            sink = (await stages.start("speaker", LiveCard.open_speaker(config.audio))).sink
            await sink.write(AudioChunk(pcm))
            await sink.drain()
    except AudioError as exc:
        print(f"Not played: {exc.message}", file=sys.stderr)
