"""What a room tells when something is not as it should be, and it goes on all the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from heisenberg.core.bus import Bus
from heisenberg.core.config.turn import TurnConfig
from heisenberg.core.events import Event

SLOW_MACHINE_HINT: Final = (
    'Smaller models are faster: profile = "tiny". turn.draft = false saves the attempt.'
)

CODES: Final = frozenset({"stuck_key", "endless_speech", "slow_machine"})
"""Of errors after which a turn goes on."""


@dataclass(frozen=True, slots=True)
class Troubles:
    """Tells them as events, each with its own code."""

    bus: Bus
    config: TurnConfig

    def stuck_key(self) -> None:
        self._tell(
            "stuck_key",
            f"The key was held for {self.config.max_hold_s:g} s and is taken as let go.",
            "turn.max_hold_s sets how long it may be held.",
        )

    def endless_speech(self) -> None:
        self._tell(
            "endless_speech",
            f"Somebody spoke for {self.config.max_utterance_s:g} s without a pause; "
            "that much is answered.",
            "turn.max_utterance_s sets how long one may speak.",
        )

    def slow_machine(self) -> None:
        self._tell(
            "slow_machine",
            "Drafting replies makes answers later on this machine; it is off until the next start.",
            SLOW_MACHINE_HINT,
        )

    def _tell(self, code: str, message: str, hint: str) -> None:
        self.bus.publish(Event.ERROR, code=code, message=message, hint=hint)
