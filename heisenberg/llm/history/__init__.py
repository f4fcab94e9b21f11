"""What was said earlier in a conversation: the last turns as they were, the others in short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from heisenberg.core.word_lists import bare_words
from heisenberg.llm.history.facts import Facts, facts_in, promises_in

_TELLING_WORDS: Final = 3
"""Shorter replies, as "Yes.", are said again and again for good reasons."""


class ConversationHistory:
    """The last ``max_turns`` turns or a few more, oldest first; notes and facts of those before."""

    def __init__(self, max_turns: int) -> None:
        self._max_turns = max_turns
        self._turns: list[tuple[str, str]] = []
        self._facts = Facts()
        self._notes = ""

    def append(self, user: str, assistant: str) -> None:
        """Add a turn."""
        if self._max_turns:
            self._turns.append((user, assistant))

    def pairs(self) -> list[tuple[str, str]]:
        """The turns that are not folded, as (user, assistant); a copy."""
        return list(self._turns)

    def telling(self) -> list[tuple[str, str]]:
        """Those of them that a model is told.

        A small model that sees itself say the same twice says it again, whatever is asked: it told
        "John's son is nine years old" 64 times in a row. The same with what the user said. Such a
        reply is left out with its turn, unless the user told something of himself.
        """
        told: list[tuple[str, str]] = []
        said: set[str] = set()
        for user, assistant in self._turns:
            words = bare_words(assistant)
            if words not in {*said, bare_words(user)} or facts_in(user):
                told.append((user, assistant))
            if words.count(" ") >= _TELLING_WORDS - 1:
                said.add(words)
        return told

    def statements(self) -> str:
        """What is kept of what the user said, but for questions."""
        told = (user for user, _ in self._turns if not user.rstrip().endswith("?"))
        return "\n".join([*self._facts, self._notes, *told])

    @property
    def facts(self) -> Sequence[str]:
        """What the user said, or was promised, before those turns, to be kept word for word."""
        return list(self._facts)

    @property
    def notes(self) -> str:
        """What else was talked about before them."""
        return self._notes

    def to_fold(self) -> list[tuple[str, str]]:
        """The turns that are too many.

        They are folded several at a time: each folding changes how the prompt begins, and it must
        then be evaluated anew.
        """
        spare = self._max_turns // 2
        extra = len(self._turns) - self._max_turns
        return self._turns[:extra] if extra > spare else []

    def fold(self, turns: Sequence[tuple[str, str]], notes: str) -> None:
        """Let ``turns``, the oldest ones, go: their facts are kept, ``notes`` replace the old."""
        for user, assistant in turns:
            self._facts.add(facts_in(user))
            self._facts.add(promises_in(assistant))
        self._notes = notes
        del self._turns[: len(turns)]

    def as_dict(self) -> dict[str, Any]:
        """Everything, for ``restore``."""
        return {"turns": self._turns, "facts": self.facts, "notes": self._notes}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Be as the history was that gave ``kept``. Raises what is raised for anything else."""
        turns = [(str(user), str(assistant)) for user, assistant in kept["turns"]]
        facts = Facts(str(fact) for fact in kept["facts"])
        self._turns, self._facts, self._notes = turns, facts, str(kept["notes"])

    def clear(self) -> None:
        """Forget everything."""
        self._turns.clear()
        self._facts = Facts()
        self._notes = ""
