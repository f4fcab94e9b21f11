"""What can be done besides talk, and how it is told from talk."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import platformdirs
import structlog

from heisenberg.core.claims import Claims
from heisenberg.core.config import Config
from heisenberg.core.errors import HeisenbergError
from heisenberg.core.services import Documents
from heisenberg.mcp.skill import mcp_skills
from heisenberg.skills.choosing.chooser import Chooser
from heisenberg.skills.discovery import load_repertoire
from heisenberg.skills.repertoire import Repertoire

if TYPE_CHECKING:
    from heisenberg.llm.base import LanguageModel

_log = structlog.get_logger(__name__)


async def load_skills(config: Config) -> Repertoire | None:
    """What can be done besides talk, as far as that is wanted. Raises ``ConfigError``."""
    if not config.skills.enabled:
        return None
    servers = await asyncio.to_thread(mcp_skills, config.mcp, config.languages)
    return await asyncio.to_thread(
        load_repertoire, config.skills, config.languages, servers, config.home
    )


async def load_chooser(
    config: Config, skills: Repertoire | None, llm: LanguageModel, documents: Documents | None
) -> Chooser | None:
    """What finds the skill that is meant where no sentence fits; learning what may be meant takes
    some seconds, the first time. Raises ``ConfigError``."""
    if skills is None or documents is None or not config.skills.chosen:
        return None
    folder = platformdirs.user_cache_path("heisenberg") / "choosing"
    embedder = documents.embedder
    chooser = await asyncio.to_thread(Chooser, skills, llm, embedder, config.languages, folder)
    try:
        await chooser.learn()
    except HeisenbergError as exc:  # it is tried again when somebody asks
        _log.warning("what may be meant is not learnt", reason=str(exc))
    return chooser


async def load_claims(config: Config) -> Claims:
    """How a model says that it did something. Raises ``ConfigError``."""
    return await asyncio.to_thread(Claims.load, *config.languages)
