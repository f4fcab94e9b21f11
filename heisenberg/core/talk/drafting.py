"""Whether it is worth while to draft replies on this machine."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from heisenberg.audio.base import Pcm
from heisenberg.stt.base import SpeechToText, Transcript

_NEXT_PAUSE_S: Final = 2.0
"""Who goes on pauses again about so long after the last pause began. A recognition can't be
stopped: one that takes longer than this holds up the next."""
_BEHIND_S: Final = 0.3
"""A draft gains no more than the pause that it hides. An end that is noticed so much later, because
the cores are busy with the draft, takes that away again."""
_LAST: Final = 5
_TOO_MANY: Final = 3
"""So many of the last ones are the machine, and not a moment in which it was busy."""


class Drafting:
    """Watches what drafts cost, and gives them up for good where they make answers later.

    They do so in two ways: recognition takes so long that a dropped draft holds up the next one, or
    the microphone's sound is worked on late while a draft is made.
    """

    def __init__(self, give_up: Callable[[], None], *, wanted: bool = True) -> None:
        """``give_up`` is called once, when drafts turn out not to be worth while; ``wanted`` is
        the user's setting."""
        self._wanted = wanted
        self._give_up = give_up
        self._slow: deque[bool] = deque(maxlen=_LAST)
        self._late: deque[bool] = deque(maxlen=_LAST)
        self._behind_s = 0.0
        self._worthwhile = True

    @property
    def worthwhile(self) -> bool:
        return self._worthwhile

    @property
    def state(self) -> str:
        """``on``, ``off`` or, where drafts were given up, ``slow_machine``."""
        if not self._wanted:
            return "off"
        return "on" if self._worthwhile else "slow_machine"

    def recognised(self, took_s: float) -> None:
        """The words of an utterance were known ``took_s`` after they were asked for."""
        self._note(self._slow, took_s > _NEXT_PAUSE_S)

    def begun(self, behind_s: float) -> None:
        """A draft is begun; the sound that was worked on last came ``behind_s`` ago.

        That is never zero: a microphone takes its time, a wireless one a quarter of a second.
        """
        self._behind_s = behind_s

    def ended(self, behind_s: float) -> None:
        """The turn of the last draft is over, as was noticed with so much delay."""
        self._note(self._late, behind_s > self._behind_s + _BEHIND_S)

    def _note(self, kind: deque[bool], is_bad: bool) -> None:
        kind.append(is_bad)
        if self._worthwhile and sum(kind) >= _TOO_MANY:
            self._worthwhile = False
            self._give_up()


class TimedStt:
    """A ``SpeechToText`` that tells how long it took; nothing of what was cancelled or failed."""

    def __init__(
        self, stt: SpeechToText, took: Callable[[float], None], clock: Callable[[], float]
    ) -> None:
        self._stt = stt
        self._took = took
        self._clock = clock

    async def transcribe(
        self, utterance: Pcm, *, aside: bool = False, quick: bool = False
    ) -> Transcript:
        began_s = self._clock()
        transcript = await self._stt.transcribe(utterance, aside=aside, quick=quick)
        self._took(self._clock() - began_s)
        return transcript

    async def aclose(self) -> None:
        await self._stt.aclose()
