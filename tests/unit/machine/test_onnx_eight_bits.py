from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from heisenberg.machine.onnx import open_session
from heisenberg.machine.onnx_eight_bits import computing_in_8_bits


@pytest.mark.models
def test_the_same_is_computed_in_8_bits(models_dir: Path, tmp_path: Path) -> None:
    stored = models_dir / "all-minilm-l6-v2-int8" / "model.onnx"
    changed = tmp_path / "model.onnx"
    changed.write_bytes(computing_in_8_bits(stored.read_bytes()))
    assert b"DynamicQuantizeMatMul" in changed.read_bytes()
    tokens = np.array([[101, 1996, 8870, 2024, 24261, 2006, 9857, 102]])
    fed = {
        "input_ids": tokens,
        "attention_mask": np.ones_like(tokens),
        "token_type_ids": np.zeros_like(tokens),
    }
    means = [open_session(path).run(None, fed)[0].mean(axis=(0, 1)) for path in (stored, changed)]
    first, second = (mean / np.linalg.norm(mean) for mean in means)
    assert first @ second > 0.97
    assert not np.array_equal(first, second)


@pytest.mark.models
def test_a_network_without_such_weights_stays_as_it_is(models_dir: Path) -> None:
    model = (models_dir / "smart-turn-v3.2" / "smart-turn-v3.2-cpu.onnx").read_bytes()
    assert computing_in_8_bits(model) == model


def test_what_is_no_model_is_refused_or_left_alone() -> None:
    assert computing_in_8_bits(b"") == b""
    with pytest.raises((IndexError, ValueError)):
        computing_in_8_bits(b"\xff nonsense")
