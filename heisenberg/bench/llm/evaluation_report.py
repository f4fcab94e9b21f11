"""What an evaluation found out about each language model, and what it comes to."""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass
from typing import Any, Final

ALL: Final = "all"
MULTI_TURN: Final = "multi-turn"


@dataclass(frozen=True, slots=True)
class Answer:
    """One turn. ``problems`` say why it is wrong; ``checked``: something was expected of it.

    ``first_piece_s`` is the time from asking to the first piece of the answer, ``seconds`` that to
    its end; without an answer the first is ``None``.
    """

    question: str
    answer: str
    checked: bool
    problems: tuple[str, ...]
    first_piece_s: float | None
    seconds: float
    tokens: int


@dataclass(frozen=True, slots=True)
class Judged:
    """The answers to one entry of the set."""

    id: str
    language: str
    category: str
    multi_turn: bool
    answers: tuple[Answer, ...]

    @property
    def passed(self) -> bool:
        return not any(answer.problems for answer in self.answers)


@dataclass(frozen=True, slots=True)
class Score:
    """How many of how many entries passed."""

    passed: int
    of: int

    @property
    def share(self) -> float:
        return self.passed / self.of

    def __str__(self) -> str:
        return f"{self.passed} of {self.of}"


@dataclass(frozen=True, slots=True)
class ModelReport:
    """One model's answers, and what the model added to its process's memory.

    ``memory_mb`` (10^6 bytes) is ``None`` where the model runs in another process.
    """

    model: str
    backend: str
    memory_mb: float | None
    judged: tuple[Judged, ...]

    @property
    def first_token_s(self) -> float | None:
        """Median over all answers; ``None`` if there were none."""
        found = [answer.first_piece_s for answer in self._answers if answer.first_piece_s]
        return statistics.median(found) if found else None

    @property
    def tokens_s(self) -> float | None:
        """Tokens a second after the first one, over all answers; ``None`` if there were none."""
        tokens, seconds = 0, 0.0
        for answer in self._answers:
            if answer.first_piece_s is not None and answer.tokens > 1:
                tokens += answer.tokens - 1
                seconds += answer.seconds - answer.first_piece_s
        return tokens / seconds if seconds else None

    def scores(self) -> dict[str, Score]:
        """Of all entries, by language, of conversations, and by category."""
        judged = self.judged
        groups = {
            ALL: list(judged),
            **{name: [one for one in judged if one.language == name] for name in ("en", "fr")},
            MULTI_TURN: [one for one in judged if one.multi_turn],
        }
        for one in judged:
            if not one.multi_turn:
                groups.setdefault(one.category, []).append(one)
        return {
            name: Score(sum(one.passed for one in ones), len(ones))
            for name, ones in groups.items()
            if ones
        }

    @property
    def _answers(self) -> list[Answer]:
        return [answer for one in self.judged for answer in one.answers]

    def as_dict(self) -> dict[str, Any]:
        """Everything, in numbers as JSON has them; ``score`` has no dots in its keys."""
        scores = self.scores()
        return {
            "model": self.model,
            "backend": self.backend,
            "score": {name: asdict(score) for name, score in scores.items()},
            "first_token_s": _rounded(self.first_token_s, 4),
            "tokens_s": _rounded(self.tokens_s, 1),
            "memory_mb": _rounded(self.memory_mb, 1),
            "answers": [{**asdict(one), "passed": one.passed} for one in self.judged],
        }


@dataclass(frozen=True, slots=True)
class ModelFailure:
    """Why a model could not be asked; ``exit_code`` is what the command then returns."""

    model: str
    message: str
    hint: str
    exit_code: int

    def as_dict(self) -> dict[str, Any]:
        return {"model": self.model, "error": {"message": self.message, "hint": self.hint}}


Outcome = ModelReport | ModelFailure


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
