"""A reply as it is written, for models that stream."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Self

from heisenberg.llm.base import Generation, ModelInfo, ToolCall


@dataclass(slots=True)
class Progress:
    """What is known of a reply so far; whoever writes it keeps this up to date."""

    model: ModelInfo
    tokens: int = 0
    prompt_tokens: int = 0
    prompt_ends: float | None = None
    calls: Sequence[ToolCall] = ()
    cut_off: bool = False

    def follow(self, generation: Generation, tokens_before: int = 0) -> None:
        """Take over what is known of ``generation``, which writes the reply, or its later part."""
        self.model = generation.model
        self.tokens = tokens_before + generation.tokens
        self.prompt_tokens = generation.prompt_tokens
        self.prompt_ends = generation.prompt_ends
        self.calls = generation.calls
        self.cut_off = generation.cut_off


class StreamedGeneration:
    """A ``Generation`` around a generator of its pieces; iterated and closed by one task."""

    def __init__(self, pieces: AsyncGenerator[str, None], progress: Progress) -> None:
        self._pieces = pieces
        self._progress = progress

    @property
    def model(self) -> ModelInfo:
        return self._progress.model

    @property
    def tokens(self) -> int:
        return self._progress.tokens

    @property
    def prompt_tokens(self) -> int:
        return self._progress.prompt_tokens

    @property
    def prompt_ends(self) -> float | None:
        return self._progress.prompt_ends

    @property
    def calls(self) -> Sequence[ToolCall]:
        return self._progress.calls

    @property
    def cut_off(self) -> bool:
        return self._progress.cut_off

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        return await anext(self._pieces)

    async def aclose(self) -> None:
        await self._pieces.aclose()


async def whole(generation: Generation) -> str:
    """All of a reply."""
    async with aclosing(generation):
        return "".join([piece async for piece in generation])
