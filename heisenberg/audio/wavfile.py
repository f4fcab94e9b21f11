"""Sound files in and out."""

from __future__ import annotations

import math
import wave
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.audio.resample import Resampler
from heisenberg.core.errors import InputError
from heisenberg.core.files import replace_file

if TYPE_CHECKING:
    import soundfile

_BLOCK_S: Final = 10


def read_sound(path: Path) -> Pcm:
    """The samples of a sound file as 16 kHz mono int16, whatever its rate, channels and format.

    Channels are averaged. Raises ``InputError`` when there is no such file, it holds no sound, or
    it is not a sound file.
    """
    if not path.is_file():
        raise InputError(f"There is no file {path}.", "Check the path.")
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty.", "Record something, or name another file.")
    try:
        with path.open("rb") as file:
            return read_stream(file, str(path))
    except OSError as exc:
        raise InputError(
            f"{path} can't be read: {exc.strerror}.", "Check its permissions."
        ) from exc


def read_stream(file: BinaryIO, name: str, *, longest_s: float = math.inf) -> Pcm:
    """The same for an open file, called ``name`` in errors; ``InputError`` also when it holds more
    than ``longest_s``."""
    import soundfile

    try:
        with soundfile.SoundFile(file) as sound:
            if sound.frames > longest_s * sound.samplerate:
                raise InputError(f"{name} is longer than {longest_s:g} s.", "Send a shorter one.")
            pcm = _read(sound)
    except soundfile.LibsndfileError as exc:
        raise InputError(
            f"{name} is not a sound file that can be read ({exc.error_string.rstrip('.')}).",
            "Use a WAV file.",
        ) from exc
    if len(pcm) == 0:
        raise InputError(f"{name} holds no sound.", "Record something, or name another file.")
    return pcm


def _read(file: soundfile.SoundFile) -> Pcm:
    resampler = Resampler(file.samplerate, RATE_HZ)
    parts = []
    while len(block := file.read(_BLOCK_S * file.samplerate, dtype="float32", always_2d=True)):
        mono = np.nan_to_num(block.mean(axis=1), nan=0.0, posinf=1.0, neginf=-1.0)
        parts.append(resampler.push((np.clip(mono, -1.0, 1.0) * 32767).astype(np.int16)))
    return np.concatenate([*parts, resampler.flush()])


def write_wav(path: Path, pcm: Pcm, rate_hz: int = RATE_HZ) -> None:
    """Write mono 16-bit WAV; ``path`` appears whole or not at all. Errors as ``replace_file``."""
    with replace_file(path) as file, wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(rate_hz)
        wav.writeframes(pcm.astype("<i2").tobytes())
