"""From the bytes of tokens to the text of a reply."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from enum import Enum, auto
from typing import Final

_THINK: Final = "<think>"
_END_OF_THOUGHT: Final = "</think>"


class Pieces:
    """The text of one reply, in pieces that are final.

    Held back until it is known what it is: part of a character, of a stop text or of a
    ``<think>`` block. Blank text before the first word, thoughts, and everything from a stop text
    on are left out.
    """

    def __init__(
        self, stops: Sequence[str] = (), *, thinking: bool = False, begun: bool = False
    ) -> None:
        """``stops`` end the reply; ``thinking``: the prompt itself has opened a thought;
        ``begun``: it has the reply's first words."""
        self._stops = tuple(stops)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stage = _Stage.REPLY if begun else _Stage.THOUGHT if thinking else _Stage.START
        self._held = ""
        self._stopped = False

    @property
    def stopped(self) -> bool:
        """Whether a stop text came: no more is wanted."""
        return self._stopped

    def add(self, token: bytes) -> str:
        """The text that is final now, perhaps empty."""
        self._held += self._decoder.decode(token)
        if self._stage is not _Stage.REPLY and not self._find_reply():
            return ""
        return self._release()

    def end(self) -> str:
        """What was held back, now that nothing follows; an unfinished character is dropped."""
        rest = "" if self._stopped or self._stage is _Stage.THOUGHT else self._held
        self._held = ""
        return rest

    def _find_reply(self) -> bool:
        """Leave out blanks and thoughts before the reply; whether it has begun."""
        while True:
            if self._stage is _Stage.THOUGHT:
                _, ended, rest = self._held.partition(_END_OF_THOUGHT)
                if not ended:
                    self._held = self._held[-len(_END_OF_THOUGHT) :]
                    return False
                self._held = rest
                self._stage = _Stage.START
            self._held = self._held.lstrip()
            if _THINK.startswith(self._held) and self._held != _THINK:
                return False
            if not self._held.startswith(_THINK):
                self._stage = _Stage.REPLY
                return True
            self._stage = _Stage.THOUGHT

    def _release(self) -> str:
        cuts = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if cuts:
            self._stopped = True
            final, self._held = self._held[: min(cuts)], ""
            return final
        keep = max((_overlap(self._held, stop) for stop in self._stops), default=0)
        at = len(self._held) - keep
        final, self._held = self._held[:at], self._held[at:]
        return final


class _Stage(Enum):
    START = auto()
    THOUGHT = auto()
    REPLY = auto()


def _overlap(text: str, stop: str) -> int:
    """How many characters at the end of ``text`` may be the beginning of ``stop``."""
    for size in range(min(len(text), len(stop) - 1), 0, -1):
        if stop.startswith(text[-size:]):
            return size
    return 0
