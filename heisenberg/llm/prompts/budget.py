"""What a prompt must be: something, and small enough to leave room for the reply."""

from __future__ import annotations

from collections.abc import Iterator

from heisenberg.core.errors import InputError
from heisenberg.llm.base import History


def prompt_room(context_tokens: int, max_tokens: int) -> int:
    """How many tokens a prompt may have, with room left for a reply of ``max_tokens``.

    A reply gets no more than a quarter of the context: it ends there, and seldom comes so far.
    """
    return context_tokens - min(max_tokens, context_tokens // 4)


def shorter_and_shorter(history: History) -> Iterator[History]:
    """``history``, then without the oldest turn, and so on to none."""
    for first in range(len(history) + 1):
        yield history[first:]


def check_question(prompt: str) -> None:
    """Raises ``InputError`` for a prompt without a word."""
    if not prompt.strip():
        raise InputError("There is no question: the prompt is empty.", "Write something to it.")


def too_long(tokens: int, context_tokens: int, room: int) -> InputError:
    """For a prompt that does not fit even without history."""
    return InputError(
        f"The prompt is too long: {tokens} tokens, and {room} fit "
        f"({context_tokens - room} of the context of {context_tokens} are kept for the reply).",
        "Shorten it, or set llm.context_tokens higher.",
    )
