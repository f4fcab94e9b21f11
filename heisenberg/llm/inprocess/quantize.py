"""A model's weights at another level of quantization, by llama.cpp's own quantizer."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from heisenberg.core.errors import EngineError
from heisenberg.llm.inprocess.library import llama_library


def quantize(source: Path, target: Path, level: str, *, words: str | None = None) -> None:
    """Write ``source`` with weights at ``level`` (a name of llama.cpp's, as ``Q4_K_M``) to
    ``target``; ``words`` is the level of what turns tokens into numbers and back, where it is
    another.

    It takes seconds, on all cores. Raises ``EngineError``; ``target`` is then worth nothing.
    """
    library = llama_library()
    api = library.api
    params = api.llama_model_quantize_default_params()
    params.ftype = getattr(api, f"LLAMA_FTYPE_MOSTLY_{level}")
    params.allow_requantize = True
    if words is not None:
        kind = getattr(api, f"GGML_TYPE_{words}")
        params.token_embedding_type = params.output_tensor_type = kind
    library.errors.clear()
    failed = api.llama_model_quantize(
        os.fsencode(source), os.fsencode(target), ctypes.byref(params)
    )
    if failed:
        raise EngineError(
            f"{source.name} can't be made into {level}: {library.reason()}.",
            "Choose another model with llm.model.",
        )
