"""What is to be answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from heisenberg.core.errors import InputError
from heisenberg.llm.base import (
    History,
    ReplyOptions,
    Sampling,
    SamplingOptions,
    Structure,
    Tool,
    ToolResult,
)


@dataclass(frozen=True, slots=True)
class Request:
    """A prompt and what a reply may be told besides; ``None`` stands for what is configured."""

    prompt: str
    history: History = ()
    system_prompt: str | None = None
    max_tokens: int | None = None
    sampling_options: SamplingOptions = field(default_factory=SamplingOptions)
    structure: Structure | None = None
    grounds: str = ""
    begun: str = ""
    tools: Sequence[Tool] = ()
    results: Sequence[ToolResult] = ()

    @classmethod
    def of(cls, prompt: str, options: ReplyOptions) -> Self:
        """What ``LanguageModel.generate`` is called with, but for who answers and when.

        Raises ``InputError`` for what can't be had together.
        """
        if options.get("begun") and options.get("structure"):
            raise InputError(
                "A reply that must have a form can't have been begun.",
                "Give the reply a form, or its first words.",
            )
        if options.get("tools") and options.get("structure"):
            raise InputError(
                "A reply that must have a form can't call tools.",
                "Give the reply a form, or tools.",
            )
        return cls(
            prompt,
            tuple(options.get("conversation_history", ())),
            options.get("system_prompt"),
            options.get("max_tokens"),
            options.get("sampling", SamplingOptions()),
            options.get("structure"),
            options.get("grounds", ""),
            options.get("begun", ""),
            tuple(options.get("tools", ())),
            tuple(options.get("results", ())),
        )

    @property
    def message(self) -> str:
        """What is sent: the grounds, and behind them what is asked."""
        return f"{self.grounds}\n\n{self.prompt}" if self.grounds else self.prompt

    def sampling(self, configured: Sampling) -> Sampling:
        """How the reply is drawn; with tools by what is likeliest unless it is said otherwise, for
        a call, and what is said of its result, is right or wrong.

        A model of half a billion parameters made 12 of 12 calls so, and 20 of 24 at 0.7.
        """
        sampling = configured.limited_to(self.max_tokens)
        if self.tools or self.results:
            sampling = replace(sampling, temperature=0.0)
        return replace(sampling, **self.sampling_options)
