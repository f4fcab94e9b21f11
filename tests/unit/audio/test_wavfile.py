"""Sound files of every kind a user may hand over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from heisenberg.audio.wavfile import read_sound, write_wav
from heisenberg.core.errors import InputError


def _tone(rate_hz: int, seconds: float = 0.5) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(round(rate_hz * seconds)) / rate_hz)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_kind_of_wav_becomes_16_khz_mono(
    tmp_path: Path, subtype: str, rate_hz: int, channels: int
) -> None:
    path = tmp_path / "in.wav"
    soundfile.write(path, np.stack([_tone(rate_hz)] * channels, axis=1), rate_hz, subtype=subtype)
    pcm = read_sound(path)
    assert pcm.dtype == np.int16
    assert len(pcm) == pytest.approx(8_000, abs=2)
    assert int(np.argmax(np.abs(np.fft.rfft(pcm)))) == pytest.approx(220, abs=1)
    assert np.abs(pcm).max() == pytest.approx(16384, rel=0.03)


def test_channels_are_averaged_and_wild_floats_tamed(tmp_path: Path) -> None:
    path = tmp_path / "in.wav"
    left = np.array([0.5, 4.0, -4.0, np.nan], np.float32)
    right = np.array([-0.5, 4.0, -4.0, np.nan], np.float32)
    soundfile.write(path, np.stack([left, right], axis=1), 16_000, subtype="FLOAT")
    assert read_sound(path).tolist() == [0, 32767, -32767, 0]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "There is no file"),
        (b"", "is empty"),
        (b"This is a letter, not a recording." * 9, "not a sound file"),
        (b"RIFF\x24\x00\x00\x00WAVE", "not a sound file"),
    ],
)
def test_what_is_no_recording_is_refused_with_a_clear_line(
    tmp_path: Path, content: bytes | None, expected: str
) -> None:
    path = tmp_path / "in.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=expected):
        read_sound(path)


def test_a_wav_without_a_sample_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "in.wav"
    write_wav(path, np.empty(0, np.int16))
    with pytest.raises(InputError, match="holds no sound"):
        read_sound(path)


def test_a_folder_is_not_a_recording(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        read_sound(tmp_path)


def test_what_is_written_can_be_read_back_exactly(tmp_path: Path) -> None:
    pcm = np.random.default_rng(1).integers(-32768, 32767, 5_000).astype(np.int16)
    path = tmp_path / "out.wav"
    write_wav(path, pcm)
    samples, rate_hz = soundfile.read(path, dtype="int16")
    assert rate_hz == 16_000
    assert np.array_equal(samples, pcm)
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.wav"]
