"""How it is spoken: louder, quieter, slower, faster, and what was said once more."""

from __future__ import annotations

from typing import Final

from heisenberg.core.errors import SkillError
from heisenberg.skills.base import Action, Call, Home, Run
from heisenberg.skills.words import SkillWords
from heisenberg.tts.delivery import FASTEST, SLOWEST, Delivery

NAME: Final = "sound"

_STEP_PERCENT: Final = 15
_LEAST_PERCENT: Final = 10
"""What is made quieter is still heard; silence is asked for by name."""
_STEP_PACE: Final = 0.15
_ABOUT: Final = {
    "louder": "Speak louder",
    "quieter": "Speak more quietly",
    "set": "Set the volume of the voice",
    "mute": "Stop speaking aloud",
    "unmute": "Speak aloud again",
    "level": "Tell how loud the voice is",
    "slower": "Speak more slowly",
    "faster": "Speak faster",
    "normal": "Speak at the usual speed",
    "repeat": "Say the last answer once more",
}
_PURE: Final = frozenset({"level", "repeat"})


class Sound:
    """A ``Skill``."""

    name = NAME

    def __init__(self, home: Home) -> None:
        """Blocks to read files."""
        self._words = SkillWords.load(NAME, home.languages)
        runs: dict[str, Run] = {
            "louder": self._louder,
            "quieter": self._quieter,
            "set": self._set,
            "mute": self._mute,
            "unmute": self._unmute,
            "level": self._level,
            "slower": self._slower,
            "faster": self._faster,
            "normal": self._normal,
            "repeat": self._repeat,
        }
        self.actions = tuple(
            Action(
                name,
                run,
                self._words.sentences(name, home.languages),
                pure=name in _PURE,
                about=_ABOUT[name],
            )
            for name, run in runs.items()
        )

    async def _louder(self, call: Call) -> str:
        delivery = self._delivery(call)
        if delivery.volume_percent >= 100:
            raise SkillError(self._words.say(call.language, "loudest"))
        delivery.volume_percent = min(100, delivery.volume_percent + _STEP_PERCENT)
        return self._words.say(call.language, "louder")

    async def _quieter(self, call: Call) -> str:
        delivery = self._delivery(call)
        if delivery.volume_percent <= _LEAST_PERCENT:
            raise SkillError(self._words.say(call.language, "quietest"))
        delivery.volume_percent = max(_LEAST_PERCENT, delivery.volume_percent - _STEP_PERCENT)
        return self._words.say(call.language, "quieter")

    async def _set(self, call: Call, percent: int) -> str:
        delivery = self._delivery(call)
        if not 0 <= percent <= 100:
            raise SkillError(self._words.say(call.language, "percent"))
        if percent == 0:
            return await self._mute(call)
        delivery.volume_percent = percent
        return self._words.say(call.language, "set", percent=str(percent))

    async def _mute(self, call: Call) -> str:
        """What is said of it is heard by nobody: it is there for who reads along."""
        self._delivery(call).volume_percent = 0
        return self._words.say(call.language, "muted")

    async def _unmute(self, call: Call) -> str:
        delivery = self._delivery(call)
        if delivery.volume_percent == 0:
            delivery.volume_percent = 100
        return self._words.say(call.language, "unmuted")

    async def _level(self, call: Call) -> str:
        percent = self._delivery(call).volume_percent
        return self._words.say(call.language, "level", percent=str(percent))

    async def _slower(self, call: Call) -> str:
        delivery = self._delivery(call)
        if delivery.pace <= SLOWEST:
            raise SkillError(self._words.say(call.language, "slowest"))
        delivery.pace = max(SLOWEST, delivery.pace - _STEP_PACE)
        return self._words.say(call.language, "slower")

    async def _faster(self, call: Call) -> str:
        delivery = self._delivery(call)
        if delivery.pace >= FASTEST:
            raise SkillError(self._words.say(call.language, "fastest"))
        delivery.pace = min(FASTEST, delivery.pace + _STEP_PACE)
        return self._words.say(call.language, "faster")

    async def _normal(self, call: Call) -> str:
        self._delivery(call).pace = 1.0
        return self._words.say(call.language, "normal")

    async def _repeat(self, call: Call) -> str:
        if call.asker is None or not call.asker.answered:
            raise SkillError(self._words.say(call.language, "nothing_said"))
        return call.asker.answered

    def _delivery(self, call: Call) -> Delivery:
        """Raises ``SkillError`` where nothing is spoken."""
        if call.asker is None or call.asker.delivery is None:
            raise SkillError(self._words.say(call.language, "in_writing"))
        return call.asker.delivery
