"""A language model that answers from a list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Unpack

from heisenberg.core.errors import EngineError, HeisenbergError, InputError
from heisenberg.llm.base import History, ModelInfo, ReplyOptions, Tool
from heisenberg.llm.generation import Progress, StreamedGeneration, whole
from heisenberg.llm.request import Request
from heisenberg.llm.tools.talk_or_calls import check_tools, without_calls

_GOES_ON = ("and", "of", "the")


@dataclass(frozen=True, slots=True)
class AskedOf:
    """What the model was asked."""

    prompt: str
    history: tuple[tuple[str, str], ...]
    system_prompt: str | None
    begun: str = ""
    tools: tuple[Tool, ...] = ()
    grounds: str = ""


class ScriptedLanguageModel:
    """A ``LanguageModel`` that gives ``replies`` one after the other, the last one for ever.

    A reply is a sequence of pieces, a token each. The piece with the index ``i`` waits until
    ``gates[i]`` is set: before the first one, the prompt is being evaluated. An ``error`` is
    raised in place of the piece ``error_at``. A word of a prompt is a token. ``requests`` keeps
    what was asked, and ``began`` is set when something was.
    """

    def __init__(
        self,
        replies: Sequence[Sequence[str]] = (("Yes.",),),
        *,
        gates: Mapping[int, asyncio.Event] | None = None,
        error: HeisenbergError | None = None,
        error_at: int = 0,
        context_tokens: int = 4096,
        prompt_ends: Callable[[str], float | None] = lambda prompt: (
            0.01 if prompt.split()[-1] in _GOES_ON else 0.9
        ),
    ) -> None:
        self.replies = list(replies)
        self._gates = gates or {}
        self.error = error
        self._error_at = error_at
        self._context_tokens = context_tokens
        self._prompt_ends = prompt_ends
        self._turn = asyncio.Lock()
        self.requests: list[AskedOf] = []
        self.began = asyncio.Event()
        self.warmed: list[AskedOf] = []
        self.constant = False
        """Whether what was warmed last may be kept on disk."""
        self.closed = False

    @property
    def info(self) -> ModelInfo:
        return ModelInfo("scripted", "fake", self._context_tokens)

    def generate(self, prompt: str, **options: Unpack[ReplyOptions]) -> StreamedGeneration:
        """One at a time, in the order of asking, and what the script says."""
        asked = Request.of(prompt, options)
        request = AskedOf(
            prompt,
            tuple(asked.history),
            asked.system_prompt,
            asked.begun,
            tuple(asked.tools),
            asked.grounds,
        )
        progress = Progress(self.info)
        pieces = self._write(request, asked.max_tokens, progress)
        if asked.tools:
            pieces = without_calls(pieces, asked.tools, progress)
        return StreamedGeneration(pieces, progress)

    async def generate_simple(self, prompt: str, **options: Unpack[ReplyOptions]) -> str:
        return await whole(self.generate(prompt, **options))

    async def warm(
        self,
        *,
        system_prompt: str | None = None,
        conversation_history: History = (),
        words: str = "",
        constant: bool = False,
    ) -> None:
        async with self._turn:
            self._check_open()
            self.constant = constant
            self.warmed.append(AskedOf(words, tuple(conversation_history), system_prompt))

    async def aclose(self) -> None:
        self.closed = True

    async def _write(
        self, request: AskedOf, max_tokens: int | None, progress: Progress
    ) -> AsyncGenerator[str, None]:
        async with self._turn:
            self._check_open()
            await asyncio.to_thread(check_tools, request.tools)
            prompt_tokens = self._fit(request)
            self.requests.append(request)
            self.began.set()
            pieces = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
            for index, piece in enumerate(pieces[:max_tokens]):
                if index in self._gates:
                    await self._gates[index].wait()
                if self.error is not None and index == self._error_at:
                    raise self.error
                progress.prompt_tokens = prompt_tokens
                progress.prompt_ends = self._prompt_ends(request.prompt)
                progress.tokens += 1
                longest = self._context_tokens - prompt_tokens
                progress.cut_off = progress.tokens == min(max_tokens or longest, longest)
                yield piece

    def _fit(self, request: AskedOf) -> int:
        """The tokens of the prompt and the newest history that fits."""
        words = len(f"{request.grounds} {request.prompt}".split())
        if not request.prompt.strip():
            raise InputError("There is no question.", "Ask something.")
        if words > self._context_tokens:
            raise InputError(
                f"The prompt has {words} tokens, and {self._context_tokens} fit.", "Shorten it."
            )
        for pair in reversed(request.history):
            more = sum(len(text.split()) for text in pair)
            if words + more > self._context_tokens:
                break
            words += more
        return words

    def _check_open(self) -> None:
        if self.closed:
            raise EngineError("The language model is closed.")
