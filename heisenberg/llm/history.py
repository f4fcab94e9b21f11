"""What was said earlier in a conversation."""

from __future__ import annotations

from collections import deque


class ConversationHistory:
    """The last ``max_turns`` turns, oldest first."""

    def __init__(self, max_turns: int) -> None:
        self._turns: deque[tuple[str, str]] = deque(maxlen=max_turns)

    def append(self, user: str, assistant: str) -> None:
        """Add a turn; the oldest one goes when there are too many."""
        self._turns.append((user, assistant))

    def pairs(self) -> list[tuple[str, str]]:
        """The turns as (user, assistant); a copy."""
        return list(self._turns)

    def clear(self) -> None:
        """Forget everything."""
        self._turns.clear()
