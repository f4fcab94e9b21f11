"""smart-turn's features against another implementation of Whisper's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from heisenberg.audio.log_mel import log_mel
from tests.fakes.speech import noise

SECONDS = 8


def _reference(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    from faster_whisper.feature_extractor import FeatureExtractor

    normal = (samples - samples.mean()) / np.sqrt(samples.var() + 1e-7)
    features: npt.NDArray[np.float32] = FeatureExtractor(chunk_length=SECONDS)(normal, padding=0)
    return features


def _utterance(level_db: float) -> npt.NDArray[np.float32]:
    """Silence, then two seconds of sound: what a short turn looks like."""
    sound = noise(2.0, colour="pink", level_db=level_db, seed=7).astype(np.float32) / 32768
    return np.pad(sound, (SECONDS * 16000 - len(sound), 0))


def test_the_features_are_whispers() -> None:
    samples = _utterance(-20)
    features = log_mel(samples)
    assert features.shape == (80, 800)
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, _reference(samples), atol=1e-4)


def test_loudness_makes_no_difference() -> None:
    samples = _utterance(-20)
    np.testing.assert_allclose(log_mel(samples), log_mel(samples * 0.1), atol=0.01)


def test_digital_silence_is_finite() -> None:
    assert np.isfinite(log_mel(np.zeros(SECONDS * 16000, dtype=np.float32))).all()
