"""What is answered when no model can: fixed replies that say so."""

from __future__ import annotations

import re
import tomllib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final, Self, Unpack

from heisenberg.core.errors import ConfigError, InputError
from heisenberg.core.resources import prompts_dir
from heisenberg.llm.base import ModelInfo, ReplyOptions, WarmOptions
from heisenberg.llm.generation import Progress, StreamedGeneration, whole
from heisenberg.llm.prompts.budget import check_question
from heisenberg.llm.request import Request

BACKEND: Final = "canned"
_FILE: Final = "degraded.toml"
_ENGLISH: Final = "en"


@dataclass(frozen=True, slots=True)
class _Intent:
    words: re.Pattern[str]
    reply: str


class CannedLLM:
    """A ``LanguageModel`` without a model: the reply of the first intent whose words are asked."""

    def __init__(self, intents: list[_Intent], otherwise: str) -> None:
        self._intents = intents
        self._otherwise = otherwise
        self._info = ModelInfo("none", BACKEND, 0)

    @classmethod
    def load(cls, language: str) -> Self:
        """Read ``prompts/<language>/degraded.toml``; English for a language without one.

        Raises ``ConfigError``.
        """
        file = prompts_dir() / language / _FILE
        if not file.is_file():
            file = prompts_dir() / _ENGLISH / _FILE
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8"))
            intents = [_Intent(_any_of(one["words"]), one["reply"]) for one in content["intents"]]
            return cls(intents, content["otherwise"])
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise ConfigError(
                f"The replies in {file} can't be used: {exc}.",
                "It has 'otherwise', and [[intents]] with 'words' and 'reply'.",
            ) from exc

    @property
    def info(self) -> ModelInfo:
        return self._info

    def generate(self, prompt: str, **options: Unpack[ReplyOptions]) -> StreamedGeneration:
        """See ``LanguageModel``; only ``prompt`` counts, and nobody's words are gone on with."""
        progress = Progress(self._info)
        request = Request.of(prompt, options)
        return StreamedGeneration(self._write(request, progress), progress)

    async def generate_simple(self, prompt: str, **options: Unpack[ReplyOptions]) -> str:
        return await whole(self.generate(prompt, **options))

    async def warm(self, **options: Unpack[WarmOptions]) -> None:
        """There is nothing to warm."""
        del options

    async def aclose(self) -> None:
        """There is nothing to close."""

    async def _write(self, request: Request, progress: Progress) -> AsyncGenerator[str, None]:
        check_question(request.prompt)
        if request.begun:
            raise InputError("Without a language model no reply can be gone on with.")
        progress.tokens = 1
        asked = _plain(request.prompt)
        found = (intent.reply for intent in self._intents if intent.words.search(asked))
        yield next(found, self._otherwise)


def _any_of(phrases: list[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(re.escape(_plain(phrase)) for phrase in phrases)})\b")


def _plain(text: str) -> str:
    """The words of ``text`` without punctuation, however recognisers or keyboards write it."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))
