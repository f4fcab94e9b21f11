"""The words of a question that documents are searched for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Self

from heisenberg.core.resources import prompts_dir
from heisenberg.core.word_lists import bare_words, listed

_FILE: Final = "function_words.txt"


class QuestionWords:
    """Knows which words tell nothing about what is asked."""

    def __init__(self, function_words: Iterable[str]) -> None:
        self._function_words = frozenset(
            word for line in function_words for word in bare_words(line).split()
        )

    @classmethod
    def load(cls) -> Self:
        """Read the files of every language, since documents and questions may be in any."""
        languages = sorted(folder.name for folder in prompts_dir().iterdir() if folder.is_dir())
        return cls(line for language in languages for line in listed(language, _FILE))

    def of(self, question: str) -> tuple[str, ...]:
        """What remains of ``question``: bare words, each once; none where all of them are such."""
        words = dict.fromkeys(bare_words(question).split())
        return tuple(word for word in words if word not in self._function_words)

    def tell(self, question: str) -> bool:
        """Whether what remains says what is asked: one word of a sentence ("What do you think?")
        does not; one that was typed alone does, and a name with a digit ("What is E12?")."""
        words = self.of(question)
        return (
            len(words) > 1
            or len(words) == len(bare_words(question).split())
            or any(char.isdigit() for word in words for char in word)
        )
