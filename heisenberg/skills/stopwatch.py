"""The stopwatch: how long something takes, laps included."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from heisenberg.core.errors import SkillError
from heisenberg.machine.elapsed import elapsed_s
from heisenberg.skills.base import Action, Call, Home, Run
from heisenberg.skills.slots.durations import said_duration
from heisenberg.skills.words import SkillWords

NAME: Final = "stopwatch"

_ABOUT: Final = {
    "elapsed": "Tell how long the stopwatch has run",
    "start": "Start the stopwatch, or let a stopped one go on",
    "stop": "Stop the stopwatch and tell its time",
    "resume": "Let the stopped stopwatch go on",
    "lap": "Take a lap time of the running stopwatch",
    "reset": "Set the stopwatch back to zero",
    "restart": "Start the stopwatch again from zero",
}


class Stopwatch:
    """A ``Skill``. There is one, and it ends with the process."""

    name = NAME

    def __init__(self, home: Home, elapsed: Callable[[], float] = elapsed_s) -> None:
        self._words = SkillWords.load(NAME, home.languages)
        self._elapsed = elapsed
        self._counted_s = 0.0
        """Before it was last started."""
        self._since_s: float | None = None
        """When it was last started; ``None``: it stands."""
        self._laps: list[float] = []
        """What it showed at the end of each."""
        runs: dict[str, Run] = {
            "elapsed": self._elapsed_so_far,
            "start": self._start,
            "stop": self._stop,
            "resume": self._resume,
            "lap": self._lap,
            "reset": self._reset,
            "restart": self._restart,
        }
        self.actions = tuple(
            Action(
                name,
                run,
                self._words.sentences(name, home.languages),
                pure=name == "elapsed",
                about=_ABOUT[name],
            )
            for name, run in runs.items()
        )

    @property
    def _shown_s(self) -> float:
        running_s = 0.0 if self._since_s is None else self._elapsed() - self._since_s
        return self._counted_s + running_s

    @property
    def _is_new(self) -> bool:
        """Nothing has been counted since it was last set to zero."""
        return self._since_s is None and not self._counted_s

    async def _elapsed_so_far(self, call: Call) -> str:
        self._check_used(call)
        return self._say(call, "stands" if self._since_s is None else "runs")

    async def _start(self, call: Call) -> str:
        if self._since_s is not None:
            return self._say(call, "runs_already")
        was_new, self._since_s = self._is_new, self._elapsed()
        return self._say(call, "started" if was_new else "goes_on")

    async def _stop(self, call: Call) -> str:
        self._check_used(call)
        if self._since_s is None:
            return self._say(call, "stands_already")
        self._counted_s, self._since_s = self._shown_s, None
        return self._say(call, "stopped")

    async def _resume(self, call: Call) -> str:
        self._check_used(call)
        return await self._start(call)

    async def _lap(self, call: Call) -> str:
        if self._since_s is None:
            raise SkillError(self._words.say(call.language, "no_lap"))
        lap_s = self._shown_s - (self._laps[-1] if self._laps else 0.0)
        self._laps.append(self._shown_s)
        number = len(self._laps)
        lap = said_duration(timedelta(seconds=lap_s), call.language)
        return self._say(call, "lap" if number > 1 else "first_lap", number=str(number), lap=lap)

    async def _reset(self, call: Call) -> str:
        self._check_used(call)
        shown = self._say(call, "reset")
        self._counted_s, self._since_s, self._laps = 0.0, None, []
        return shown

    async def _restart(self, call: Call) -> str:
        self._counted_s, self._since_s, self._laps = 0.0, self._elapsed(), []
        return self._say(call, "restarted")

    def _check_used(self, call: Call) -> None:
        if self._is_new:
            raise SkillError(self._words.say(call.language, "unused"))

    def _say(self, call: Call, reply: str, **values: str) -> str:
        shown = said_duration(timedelta(seconds=self._shown_s), call.language)
        return self._words.say(call.language, reply, shown=shown, **values)
