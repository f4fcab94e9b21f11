"""What is to be answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from heisenberg.core.errors import InputError
from heisenberg.llm.base import History, ReplyOptions, Structure


@dataclass(frozen=True, slots=True)
class Request:
    """A prompt and what a reply may be told besides; ``None`` stands for what is configured."""

    prompt: str
    history: History = ()
    system_prompt: str | None = None
    max_tokens: int | None = None
    structure: Structure | None = None
    begun: str = ""

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
        return cls(
            prompt,
            tuple(options.get("conversation_history", ())),
            options.get("system_prompt"),
            options.get("max_tokens"),
            options.get("structure"),
            options.get("begun", ""),
        )
