"""Commands spoken by several voices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from heisenberg.audio.base import RATE_HZ
from heisenberg.bench.hearing import sounds
from heisenberg.bench.hearing.stt_sounds import MANNERS, SEED
from heisenberg.bench.hearing.voices import EspeakSpeaker, Manner, PiperSpeaker, Speaker
from heisenberg.bench.skills.command_set import CommandSet
from heisenberg.bench.skills.commands import Aloud
from heisenberg.core.config import Config
from heisenberg.tts.espeak import is_there

FRENCH_VOICES: Final = ("fr", "fr+f5")
"""espeak-ng's, those that are understood best. They stand in for a person, badly: of what they say
the recogniser gets most words wrong."""
ESPEAK: Final = "espeak-ng"

_LEAD_S: Final = 0.3
_TAIL_S: Final = 0.3
_PEAK_DB: Final = -12.0


def spoken_commands(config: Config, commands: CommandSet) -> list[Aloud]:
    """Those of ``commands`` that are to be spoken: in English by the voice of ``config`` in each of
    ``MANNERS``, in French by ``FRENCH_VOICES`` where espeak-ng is installed. It blocks.

    Raises ``ModelMissing``, ``LoadFailed``, ``EngineError``.
    """
    piper = PiperSpeaker.configured(config, seed=SEED)
    found = [*_spoken("en", piper, MANNERS, commands)]
    if is_there():
        for voice in FRENCH_VOICES:
            manners = {f"{ESPEAK} {voice}": Manner()}
            found += _spoken("fr", EspeakSpeaker((voice,)), manners, commands)
    return found


def _spoken(
    language: str, speaker: Speaker, manners: Mapping[str, Manner], commands: CommandSet
) -> Iterator[Aloud]:
    for group, said in commands.each:
        if said.sound and group.language == language:
            for name, manner in manners.items():
                sound = speaker.say(said.say, manner)
                sound = np.pad(sound, (round(_LEAD_S * RATE_HZ), round(_TAIL_S * RATE_HZ)))
                pcm = sounds.as_pcm(sounds.at_peak(sound, _PEAK_DB))
                yield Aloud(group, said, name, pcm)
