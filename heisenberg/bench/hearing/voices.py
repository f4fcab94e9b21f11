"""Voices that speak in many manners, for measurements: Piper's, and espeak-ng's where it is there.

The room's own voice (``heisenberg.tts.piper``) speaks in one.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, Self

import numpy as np
import numpy.typing as npt

from heisenberg.audio.base import RATE_HZ
from heisenberg.core.config import Config
from heisenberg.core.errors import EngineError
from heisenberg.machine.onnx import open_session
from heisenberg.store.needs import is_path
from heisenberg.store.store import Store
from heisenberg.tts.espeak import PROGRAM, sound_of

Floats = npt.NDArray[np.float64]
"""Sound at 16 kHz, full scale at 1."""

_AUDIBLE: Final = 0.003
_ESPEAK_VOICES: Final = ("en-us", "en-gb", "en-us+f2", "en-gb+f4", "en-us+m3", "en-gb-scotland+m5")
_ESPEAK_WORDS_A_MINUTE: Final = 160


@dataclass(frozen=True, slots=True)
class Manner:
    """How something is said.

    ``speed`` and ``pitch`` are factors (1.2 is faster; higher, as of a smaller person). ``noise``
    varies how sounds are made, ``rhythm`` how long they last; Piper's own values are 0.67 and 0.8.
    """

    speed: float = 1.0
    pitch: float = 1.0
    noise: float = 0.667
    rhythm: float = 0.8

    @classmethod
    def any(cls, random: np.random.Generator) -> Self:
        """Anybody, from slow to hurried and from a man to a child."""
        return cls(
            random.uniform(0.8, 1.3),
            random.uniform(0.85, 1.25),
            random.uniform(0.3, 1.0),
            random.uniform(0.4, 1.0),
        )


class Speaker(Protocol):
    """A voice; the sound begins and ends with the words and peaks at full scale."""

    def say(self, text: str, manner: Manner) -> Floats: ...


class PiperSpeaker:
    """A Piper voice; with the same ``seed`` it says the same things in the same way again."""

    def __init__(self, model: Path, *, seed: int) -> None:
        """Raises ``ModelMissing``, ``LoadFailed``."""
        import onnxruntime

        onnxruntime.set_seed(seed)  # for the networks that are loaded from now on
        session = open_session(model)
        from piper import PiperVoice
        from piper.config import PiperConfig

        settings = json.loads(model.with_name(f"{model.name}.json").read_text(encoding="utf-8"))
        self._config = PiperConfig.from_dict(settings)
        self._voice: Any = PiperVoice(session=session, config=self._config)

    @classmethod
    def configured(cls, config: Config, *, seed: int) -> Self:
        """The voice of ``config``. Raises ``ModelMissing``, ``LoadFailed``."""
        name = config.tts.voice
        model = Path(name)
        if not is_path(name):
            store = Store.open(config)
            model = store.locate(store.resolve("tts", name, config.profile, config.languages).id)
        if model.is_dir():
            (model,) = model.glob("*.onnx")
        return cls(model, seed=seed)

    def say(self, text: str, manner: Manner) -> Floats:
        import soxr
        from piper import SynthesisConfig

        settings = SynthesisConfig(
            length_scale=self._config.length_scale * manner.pitch / manner.speed,
            noise_scale=manner.noise,
            noise_w_scale=manner.rhythm,
        )
        spoken = [chunk.audio_float_array for chunk in self._voice.synthesize(text, settings)]
        sound = np.concatenate(spoken).astype(np.float64)
        # Played faster it is higher; the length was made up for above.
        return _trimmed(soxr.resample(sound, self._config.sample_rate * manner.pitch, RATE_HZ))


class EspeakSpeaker:
    """espeak-ng's formant voices, one after the other: nothing like a person's."""

    def __init__(self, voices: Sequence[str] = _ESPEAK_VOICES) -> None:
        self._voices = voices
        self._said = 0

    def say(self, text: str, manner: Manner) -> Floats:
        import soxr

        voice = self._voices[self._said % len(self._voices)]
        self._said += 1
        pace = round(_ESPEAK_WORDS_A_MINUTE * manner.speed)
        # 50 is the middle of its scale of pitch, which is no factor.
        pitch = round(min(99.0, 50.0 * manner.pitch))
        command = (PROGRAM, "-v", voice, "-s", str(pace), "-p", str(pitch), "--stdout", text)
        try:
            done = subprocess.run(command, capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError) as exc:
            raise EngineError("espeak-ng can't speak.", "Run it by hand to see why.") from exc
        sound = sound_of(done.stdout)
        return _trimmed(soxr.resample(sound.pcm.astype(np.float64), sound.rate_hz, RATE_HZ))


def _trimmed(sound: Floats) -> Floats:
    peak = float(np.abs(sound).max()) if len(sound) else 0.0
    if peak == 0.0:
        raise EngineError("The voice said nothing.")
    audible = np.flatnonzero(np.abs(sound) > _AUDIBLE * peak)
    return sound[audible[0] : audible[-1] + 1] / peak
