"""Everything that Heisenberg can do besides talk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import structlog

from heisenberg.core.errors import SkillError
from heisenberg.skills.base import Busy, Call, Run, Skill
from heisenberg.skills.dialogue.following import Following
from heisenberg.skills.understanding.matching import Match, Understanding
from heisenberg.skills.words import SkillWords

_log = structlog.get_logger(__name__)

WORDS: Final = "skills"
"""What is said for any of them."""


def now_here() -> datetime:
    """The time, in the zone of this machine."""
    return datetime.now().astimezone()


class Repertoire:
    """Finds what is asked for, and does it. A skill that fails or hangs costs that one answer."""

    def __init__(
        self,
        skills: Sequence[Skill],
        languages: Sequence[str],
        now: Callable[[], datetime] = now_here,
    ) -> None:
        """Reading the sentences takes a moment. Raises ``ConfigError``."""
        self._understanding = Understanding(skills, languages)
        self._words = SkillWords.load(WORDS, languages)
        self.following = Following(languages)
        """How people go on about what was done."""
        self.skills = tuple(skills)
        self.busy = tuple(skill for skill in skills if isinstance(skill, Busy))
        """Those that also do something by themselves."""
        self.now = now

    def find(self, text: str) -> Match | None:
        """What ``text``, a whole utterance, asks for; ``None`` where that is no skill."""
        return self._understanding.find(text)

    def find_all(self, text: str, after: str = "") -> Sequence[Match]:
        """Everything that ``text``, a whole utterance, asks for, in its order; ``after`` is the
        skill that was asked for just before."""
        return self._understanding.find_all(text, after)

    async def run(self, match: Match, call: Call | None = None, run: Run | None = None) -> str:
        """Do it, and return what is to be said: what was done, or that it wasn't, and why.

        ``call`` is how it is asked, where more is known of that; ``run`` is what does it, where
        that is not the action itself.
        """
        call = call or Call(match.language, self.now())
        action = match.action
        try:
            async with asyncio.timeout(action.timeout_s):
                said = await (run or action.run)(call, **match.slots)
        except SkillError as exc:
            return exc.message
        except TimeoutError:
            _log.warning("a skill took too long", skill=match.skill, action=action.name)
            return self._words.say(match.language, "too_slow", skill=match.skill)
        except Exception as exc:
            reason = f"{type(exc).__name__}: {exc}"
            _log.error("a skill failed", skill=match.skill, reason=reason, at=_place_of(exc))
            return self._words.say(match.language, "failed", skill=match.skill)
        if not isinstance(said, str) or not said.strip():
            _log.warning("a skill said nothing", skill=match.skill, action=action.name)
            return self._words.say(match.language, "failed", skill=match.skill)
        return _sentence(said)

    async def foretell(self, match: Match, call: Call) -> str:
        """What will be said if it is done now and all goes well; empty where that is not known."""
        foretell = match.action.foretell
        if foretell is None:
            return ""
        try:
            async with asyncio.timeout(match.action.timeout_s):
                return _sentence(await foretell(call, **match.slots))
        except Exception:  # it is told when it is done
            return ""


def _sentence(said: str) -> str:
    said = said.strip()
    return said[:1].upper() + said[1:]


def _place_of(error: Exception) -> str:
    """The file and line that raised ``error``."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    return f"{at.tb_frame.f_code.co_filename}:{at.tb_lineno}" if at else ""
