"""Weights made anew for the processor."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from heisenberg.core.errors import EngineError
from heisenberg.llm.inprocess import fitting
from heisenberg.llm.inprocess.fitting import FittedWeights, Speed
from heisenberg.llm.inprocess.llamacpp import LlamaCpp, StopFlag


@pytest.fixture
def source(models_dir: Path, tmp_path: Path) -> Path:
    (installed,) = (models_dir / "smollm2-135m-instruct-q4_1").glob("*.gguf")
    return Path(shutil.copy(installed, tmp_path / "model.gguf"))


@pytest.fixture
def weights(tmp_path: Path) -> FittedWeights:
    return FittedWeights(tmp_path / "cache" / "weights")


def _speeds(monkeypatch: pytest.MonkeyPatch, source: Path, *, reads: float, writes: float) -> None:
    """What was made anew is so many times as fast as ``source``."""

    def speed(path: Path, _threads: int | None) -> Speed:
        times = (1.0, 1.0) if path == source else (reads, writes)
        return Speed(prompt_tokens_s=100 * times[0], reply_tokens_s=20 * times[1])

    monkeypatch.setattr(fitting, "_speed", speed)


@pytest.mark.models
def test_what_is_measured_decides_and_what_is_kept_can_be_loaded(
    source: Path, weights: FittedWeights
) -> None:
    assert weights.of(source) == source
    fitted = weights.fit(source)

    used = weights.of(source)
    assert fitted.kept == (used != source)
    for speed in (fitted.before, fitted.after):
        assert speed.prompt_tokens_s > speed.reply_tokens_s > 0
    model = LlamaCpp.load(used, context_tokens=256, threads=1, stop=StopFlag())
    assert model.tokenize("Hello.")
    model.close()


@pytest.mark.models
@pytest.mark.parametrize(
    ("reads", "writes", "kept"), [(1.5, 1.0, True), (1.05, 1.3, False), (1.5, 0.8, False)]
)
def test_it_is_kept_where_it_reads_faster_and_writes_no_slower(
    source: Path,
    weights: FittedWeights,
    monkeypatch: pytest.MonkeyPatch,
    reads: float,
    writes: float,
    kept: bool,
) -> None:
    _speeds(monkeypatch, source, reads=reads, writes=writes)
    assert weights.fit(source).kept is kept
    assert (weights.of(source) != source) is kept
    assert len(list(weights.folder.iterdir())) == 1 + kept


@pytest.mark.models
def test_it_is_done_once_and_anew_for_another_file(
    source: Path, weights: FittedWeights, monkeypatch: pytest.MonkeyPatch
) -> None:
    _speeds(monkeypatch, source, reads=2.0, writes=1.0)
    first = weights.fit(source)
    made = weights.of(source)
    _speeds(monkeypatch, source, reads=0.5, writes=0.5)
    assert weights.fit(source) == first

    os.utime(source, (0, 0))
    assert weights.of(source) == source
    assert not weights.fit(source).kept
    assert not made.exists()


def test_what_is_no_model_leaves_nothing_behind(tmp_path: Path, weights: FittedWeights) -> None:
    source = tmp_path / "broken.gguf"
    source.write_bytes(b"GGUF" + bytes(64))
    with pytest.raises(EngineError, match=r"broken\.gguf can't be made"):
        weights.fit(source)
    assert not list(weights.folder.iterdir())
