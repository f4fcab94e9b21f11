"""How the machine is doing, told in a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from typing import Final

from heisenberg.core.errors import SkillError
from heisenberg.machine.elapsed import elapsed_s
from heisenberg.machine.vitals import Battery, Vitals
from heisenberg.skills.base import Action, Call, Home, Run
from heisenberg.skills.calculator.sums import said_number
from heisenberg.skills.slots.durations import said_duration
from heisenberg.skills.units.amounts import load_units, unit_name
from heisenberg.skills.words import SkillWords

NAME: Final = "status"

_GIB: Final = 2**30
"""Memory is counted so, disks are sold by the others."""
_GB: Final = 10**9
_THOUSAND: Final = 1000
_MINUTE_S: Final = 60
_ABOUT: Final = {
    "status": "Tell how the machine is doing: load, memory, disk, temperature",
    "memory": "Tell how much memory of the machine is free",
    "disk": "Tell how much space on the disk is free",
    "processor": "Tell how busy the processor is",
    "temperature": "Tell how hot the machine's processor is",
    "battery": "Tell how full the machine's battery is",
    "uptime": "Tell how long the assistant has been running",
}


class Status:
    """A ``Skill``."""

    name = NAME

    def __init__(
        self,
        home: Home,
        look: Callable[[], Vitals] | None = None,
        elapsed: Callable[[], float] = elapsed_s,
    ) -> None:
        """``look`` blocks. Blocks to read files."""
        self._words = SkillWords.load(NAME, home.languages)
        self._look = look or (lambda: Vitals.look(home.folder))
        self._elapsed = elapsed
        self._began_s = elapsed()
        for language in home.languages:
            load_units(language)
        telling: dict[str, Callable[[Vitals, str], str]] = {
            "status": self._all,
            "memory": self._memory,
            "disk": self._disk,
            "processor": self._processor,
            "temperature": self._temperature,
            "battery": self._battery,
        }
        runs = {name: self._telling(tell) for name, tell in telling.items()}
        self.actions = tuple(
            Action(
                name,
                run,
                self._words.sentences(name, home.languages),
                pure=True,
                about=_ABOUT[name],
            )
            for name, run in (*runs.items(), ("uptime", self._uptime))
        )

    def _telling(self, tell: Callable[[Vitals, str], str]) -> Run:
        async def run(call: Call) -> str:
            return await asyncio.to_thread(lambda: tell(self._look(), call.language))

        return run

    async def _uptime(self, call: Call) -> str:
        seconds = self._elapsed() - self._began_s
        if seconds > _MINUTE_S:
            seconds -= seconds % _MINUTE_S
        time = said_duration(timedelta(seconds=seconds), call.language)
        return self._words.say(call.language, "uptime", time=time)

    def _all(self, vitals: Vitals, language: str) -> str:
        told = [self._processor, self._memory, self._disk]
        if vitals.temperature is not None:
            told.append(self._temperature)
        if vitals.battery is not None:
            told.append(self._battery)
        return " ".join(tell(vitals, language) for tell in told)

    def _processor(self, vitals: Vitals, language: str) -> str:
        return self._words.say(language, "processor", percent=str(vitals.processor_percent))

    def _memory(self, vitals: Vitals, language: str) -> str:
        free = _size(Fraction(vitals.memory_free_bytes, _GIB), language)
        total = _size(Fraction(vitals.memory_bytes, _GIB), language)
        return self._words.say(language, "memory", free=free, total=total)

    def _disk(self, vitals: Vitals, language: str) -> str:
        free = _size(Fraction(vitals.disk_free_bytes, _GB), language)
        total = _size(Fraction(vitals.disk_bytes, _GB), language)
        return self._words.say(language, "disk", free=free, total=total)

    def _temperature(self, vitals: Vitals, language: str) -> str:
        if vitals.temperature is None:
            raise SkillError(self._words.say(language, "no_temperature"))
        return self._words.say(language, "temperature", degrees=str(round(vitals.temperature)))

    def _battery(self, vitals: Vitals, language: str) -> str:
        battery: Battery | None = vitals.battery
        if battery is None:
            raise SkillError(self._words.say(language, "no_battery"))
        said = {"percent": str(battery.percent)}
        if battery.is_plugged:
            return self._words.say(language, "battery_plugged", **said)
        if battery.left_s is None:
            return self._words.say(language, "battery", **said)
        minutes = timedelta(seconds=battery.left_s - battery.left_s % _MINUTE_S)
        left = said_duration(minutes, language)
        return self._words.say(language, "battery_left", **said, left=left)


def _size(gigabytes: Fraction, language: str) -> str:
    """As in "5.2 gigabytes"; one decimal is enough, and none from ten on."""
    unit = "gigabyte"
    if gigabytes >= _THOUSAND:
        gigabytes, unit = gigabytes / _THOUSAND, "terabyte"
    number = Fraction(round(gigabytes, 1 if gigabytes < 10 else 0))
    text, _ = said_number(number, language)
    return f"{text} {unit_name(unit, number, language)}"
