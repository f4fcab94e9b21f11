"""The language models that are configured, one behind the other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from heisenberg.core.config import Config
from heisenberg.core.errors import HeisenbergError
from heisenberg.core.lifecycle import Stages
from heisenberg.llm.canned import CannedLLM
from heisenberg.llm.chain import ModelChain
from heisenberg.llm.prompts.prompt_words import PromptWords
from heisenberg.llm.switch import SwitchableLLM
from heisenberg.loading.engine import load_engine, planned
from heisenberg.store.store import Store

if TYPE_CHECKING:
    from heisenberg.llm.base import LanguageModel, ModelInfo

_log = structlog.get_logger(__name__)


async def load_language_model(config: Config, stages: Stages) -> LanguageModel:
    """The language model alone; where it can't answer there is an error, and no fixed reply."""
    config, store = await asyncio.to_thread(planned, config)
    return await stages.start("language model", load_chain(config, store, canned=False))


async def load_chain(config: Config, store: Store, *, canned: bool) -> ModelChain:
    """The language models that are configured, in a chain, and the first that can warmed.

    With ``canned``, what answers when none of them can is fixed replies, not an error, and the log
    tells which of them can; without, whoever asked is told.
    """
    models: list[LanguageModel] = []
    try:
        models.append(await load_engine("llm", config.llm.backend, config, store))
        # The name of a model is one of the first back end's.
        any_model = config.llm.model_copy(update={"model": "auto"})
        others = config.model_copy(update={"llm": any_model})
        for name in config.llm.fallback:
            models.append(await load_engine("llm", name, others, store))  # noqa: PERF401 - all are closed
        if canned:
            models.append(await asyncio.to_thread(CannedLLM.load, config.languages[0]))
    except BaseException:
        for model in models:
            await model.aclose()
        raise
    chain = ModelChain(models, _tell if canned else lambda _info, _error: None)
    try:
        await chain.warm()
    except BaseException:
        await chain.aclose()
        raise
    return chain


def switch_in(llm: LanguageModel) -> SwitchableLLM | None:
    """What changes the model, where one of those that ``llm`` stands for runs in this process."""
    models = llm.models if isinstance(llm, ModelChain) else (llm,)
    return next((one for one in models if isinstance(one, SwitchableLLM)), None)


def prompt_words(config: Config) -> PromptWords:
    """What the configured personality is told; blocks to read files."""
    return PromptWords.load(config.llm.system_prompt, config.languages[0])


def _tell(model: ModelInfo, error: HeisenbergError | None) -> None:
    """One line when a language model can't be used any more, and one when it can again."""
    if error is None:
        _log.info("language model back", model=model.name, backend=model.backend)
    else:
        _log.warning(
            "language model out", model=model.name, backend=model.backend, reason=str(error)
        )
