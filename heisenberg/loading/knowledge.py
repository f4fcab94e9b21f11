"""The owner's documents."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from heisenberg.core.config import Config
from heisenberg.core.errors import HeisenbergError
from heisenberg.core.grounding import Grounding
from heisenberg.core.lifecycle import Stages
from heisenberg.core.services import Documents
from heisenberg.llm.prompts.framing import Framing
from heisenberg.store.store import Store

if TYPE_CHECKING:
    from heisenberg.knowledge.library import Library

_log = structlog.get_logger(__name__)


async def load_documents(config: Config, stages: Stages) -> Documents | None:
    """The owner's documents; where they can't be opened, that is logged, and all else goes on."""
    try:
        library = await stages.start("documents", open_library(config))
        framing = await asyncio.to_thread(Framing.load, config.languages[0])
    except HeisenbergError as exc:
        _log.warning("documents can't be used", reason=str(exc))
        return None
    return Documents(library, Grounding(library, framing), library.questions)


async def open_library(config: Config) -> Library:
    """The owner's documents, and their rules; the caller closes it.

    Raises ``KnowledgeError``, ``ModelMissing``, ``ConfigError`` for rules that can't be used.
    """
    from heisenberg.engines import embedder, knowledge_index
    from heisenberg.knowledge.library import Library
    from heisenberg.knowledge.question_words import QuestionWords
    from heisenberg.knowledge.rules import Rules

    store = await asyncio.to_thread(Store.open, config)
    rules = await asyncio.to_thread(Rules.find, config.knowledge.rules)
    words = await asyncio.to_thread(QuestionWords.load)
    model = await embedder(config, store)
    return Library(await knowledge_index(config, model.name), model, words, rules)
