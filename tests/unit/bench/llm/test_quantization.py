"""A language model in fewer bits a weight."""

from __future__ import annotations

from pathlib import Path

import pytest

from heisenberg.core.errors import EngineError
from heisenberg.llm.inprocess.llamacpp import LlamaCpp, StopFlag
from heisenberg.llm.inprocess.quantize import quantize


@pytest.mark.models
def test_fewer_bits_make_a_smaller_file_that_can_be_loaded(
    models_dir: Path, tmp_path: Path
) -> None:
    (source,) = (models_dir / "smollm2-135m-instruct-q4_1").glob("*.gguf")
    full, small = tmp_path / "full.gguf", tmp_path / "small.gguf"
    quantize(source, full, "F16")
    quantize(full, small, "Q2_K")

    assert small.stat().st_size < source.stat().st_size < full.stat().st_size
    model = LlamaCpp.load(small, context_tokens=256, threads=1, stop=StopFlag())
    assert model.tokenize("Hello.")
    model.close()


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "broken.gguf"
    source.write_bytes(b"GGUF" + bytes(64))
    with pytest.raises(EngineError, match=r"broken\.gguf can't be made into Q8_0"):
        quantize(source, tmp_path / "out.gguf", "Q8_0")
