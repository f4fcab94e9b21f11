"""What a model is told besides the questions: who it is, and what was said long ago."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from heisenberg.llm.base import History
from heisenberg.llm.prompts import system_prompt
from heisenberg.llm.prompts.words import read_words

MOST_NOTES_TOKENS: Final = 80


@dataclass(frozen=True, slots=True)
class PromptWords:
    """``personality`` is what the model is told first, ``memory`` what it is told of what was said
    long ago, with places for ``{facts}`` and ``{summary}``. ``instruction`` asks for a summary.
    """

    personality: str = ""
    instruction: str = ""
    memory: str = ""

    @classmethod
    def load(cls, personality: str, language: str) -> Self:
        """Read ``prompts/<language>``; English for a language without.

        ``personality`` is the name of one, or a text. Raises ``ConfigError``.
        """
        return cls(
            system_prompt(personality, language),
            read_words(language, "summary.txt"),
            read_words(language, "memory.txt"),
        )

    def request(self, turns: History, notes: str) -> str:
        """What to write notes about."""
        said = [f"User: {user}\nAssistant: {assistant}" for user, assistant in turns]
        return "\n".join([notes, *said]).strip()

    def system_prompt(self, facts: Sequence[str], notes: str) -> str | None:
        """What the model is told before anything is asked; ``None``: the personality alone."""
        if not (facts or notes):
            return None
        listed = "\n".join(f"- {fact}" for fact in facts) or "-"
        memory = self.memory.replace("{summary}", notes or "-").replace("{facts}", listed)
        return f"{self.personality}\n\n{memory}"
