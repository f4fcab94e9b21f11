"""How tokens are drawn, out of what the user set and what a model's makers recommend."""

from __future__ import annotations

from dataclasses import replace

from heisenberg.core.config import LlmConfig
from heisenberg.llm.base import Sampling


def choose_sampling(config: LlmConfig, recommended: Sampling | None) -> Sampling:
    """What the user set, else what is recommended, else the configuration's defaults."""
    configured = {
        name: getattr(config, name)
        for name in Sampling.__dataclass_fields__
        if recommended is None or name in config.model_fields_set
    }
    return replace(recommended or Sampling(), **configured)
