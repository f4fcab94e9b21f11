"""``heisenberg say``: speak a text."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heisenberg.cli.options import ConfigOption, SetOption, load_config

if TYPE_CHECKING:
    from heisenberg.audio.base import AudioChunk
    from heisenberg.core.config import Config


def say(
    text: Annotated[str, typer.Argument(help="What to say.")],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.wav", help="Write a WAV file instead of playing.")
    ] = None,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Speak a text."""
    from heisenberg.core import lifecycle
    from heisenberg.core.files import check_writable

    loaded = load_config(config, settings)
    if out is not None:
        check_writable(out)
    return lifecycle.run(_say(loaded, text, out))


async def _say(config: Config, text: str, out: Path | None) -> int:
    from heisenberg.audio.live import LiveCard
    from heisenberg.core.errors import EngineError, InputError
    from heisenberg.core.lifecycle import Stages
    from heisenberg.loading.engine import load_voice
    from heisenberg.tts.clauses import ClauseSplitter
    from heisenberg.tts.speech import speak

    splitter = ClauseSplitter(config.languages[0])
    clauses = [*splitter.push(text), *splitter.flush()]
    if not clauses:
        raise InputError("There is no word to say.", 'Write it in quotes: heisenberg say "Hello".')
    async with Stages() as stages:
        sink = None
        if out is None:
            sink = (await stages.start("speaker", LiveCard.open_speaker(config.audio))).sink
        voice = await load_voice(config, stages)
        chunks: list[AudioChunk] = []
        async with aclosing(speak(voice, clauses)) as speech:
            async for chunk in speech:
                if sink is None:
                    chunks.append(chunk)
                else:
                    await sink.write(chunk)
        if sink is not None:
            await sink.drain()
        elif not chunks:
            raise EngineError("The voice made no sound of that text.", "Try other words.")
        elif out is not None:
            _write(out, chunks)
    return 0


def _write(path: Path, chunks: list[AudioChunk]) -> None:
    import numpy as np

    from heisenberg.audio.wavfile import write_wav

    write_wav(path, np.concatenate([chunk.pcm for chunk in chunks]), chunks[0].rate_hz)
