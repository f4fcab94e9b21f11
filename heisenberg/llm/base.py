"""The language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self, TypeAlias

History: TypeAlias = Sequence[tuple[str, str]]
"""Earlier turns, oldest first: (what the user said, what was answered)."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is drawn."""

    temperature: float = 0.7
    top_p: float = 0.9
    top_k: int = 40
    min_p: float = 0.0
    repeat_penalty: float = 1.1
    max_tokens: int = 512
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model answers: its name, the back end it runs in, its context in tokens."""

    name: str
    backend: str
    context_tokens: int


class Generation(Protocol):
    """A reply as it is written: an async iterator of its pieces of text.

    ``aclose`` stops the writing and returns when the model is free again; it must be called when
    the iteration is left early (``contextlib.aclosing``).
    """

    @property
    def tokens(self) -> int:
        """Tokens written so far."""
        ...

    @property
    def prompt_tokens(self) -> int:
        """Tokens of the prompt; 0 until it is evaluated."""
        ...

    @property
    def prompt_ends(self) -> float | None:
        """How probable it is, going by its words, that the prompt is said to its end.

        ``None`` until it is evaluated, and where the model can't tell.
        """
        ...

    def __aiter__(self) -> Self: ...

    async def __anext__(self) -> str: ...

    async def aclose(self) -> None: ...


class LanguageModel(Protocol):
    """A model that writes a reply; one reply at a time, later calls wait."""

    @property
    def info(self) -> ModelInfo: ...

    def generate(
        self,
        prompt: str,
        *,
        conversation_history: History = (),
        system_prompt: str | None = None,
        max_tokens: int | None = None,
    ) -> Generation:
        """Answer ``prompt``; ``None`` stands for what is configured.

        History that doesn't fit the context is left out, oldest first. Raises ``InputError``
        (on first iteration) when the prompt alone is longer than the context, ``EngineError``
        when the model fails.
        """
        ...

    async def generate_simple(
        self,
        prompt: str,
        *,
        conversation_history: History = (),
        system_prompt: str | None = None,
        max_tokens: int | None = None,
    ) -> str:
        """The whole reply at once."""
        ...

    async def warm(
        self,
        *,
        system_prompt: str | None = None,
        conversation_history: History = (),
        words: str = "",
    ) -> None:
        """Evaluate what the next prompt begins with, so that its turn does not pay for it.

        ``words`` are those with which the user has begun to ask.
        """
        ...

    async def aclose(self) -> None: ...
