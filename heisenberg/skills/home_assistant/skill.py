"""What people have their homes do: said here, done by Home Assistant."""

from __future__ import annotations

from typing import Final, Protocol
from weakref import WeakKeyDictionary

from heisenberg.core.errors import SkillError
from heisenberg.skills.base import Action, Asker, Call, Home, Run
from heisenberg.skills.home_assistant.asked import (
    NAME,
    Coloured,
    Device,
    Entrance,
    Guard,
    Room,
    State,
    Switched,
    Value,
    load_devices,
)
from heisenberg.skills.home_assistant.home_assistant import HomeAssistant, Outcome
from heisenberg.skills.service import ServiceFailed
from heisenberg.skills.words import SkillWords, read_table

_SPARE_S: Final = 5.0
"""Beyond what Home Assistant may take."""
_NOT_UNDERSTOOD: Final = "no_intent_match"
_NO_SUCH: Final = "no_valid_targets"
_CONFIRMED: Final = frozenset({"unlock", "open_way", "disarm"})
"""What lets burglars in."""
_ASKING: Final = frozenset({"is", "are", "measure"})
"""What changes nothing."""


class _Said(Protocol):
    """What stood in a slot."""

    @property
    def words(self) -> str: ...


class SmartHomeSkill:
    """A ``Skill``. Nothing it does is pure: what is asked is not asked of us."""

    name = NAME

    def __init__(self, home: Home) -> None:
        """Blocks to read files."""
        self._words = SkillWords.load(NAME, home.languages)
        self._there = HomeAssistant(home.smart_home) if home.smart_home else None
        self._conversations: WeakKeyDictionary[Asker, str] = WeakKeyDictionary()
        for language in home.languages:
            load_devices(language)
        timeout_s = home.smart_home.timeout_s if home.smart_home else 0.0
        runs: dict[str, Run] = {
            "on": self._on,
            "off": self._off,
            "set": self._set,
            "colour": self._colour,
            "dim": self._dim,
            "brighten": self._brighten,
            "down": self._down,
            "up": self._up,
            "open": self._open,
            "close": self._close,
            "lock": self._lock,
            "shut": self._shut,
            "unlock": self._unlock,
            "open_way": self._open_way,
            "arm": self._arm,
            "disarm": self._disarm,
            "is": self._is,
            "are": self._are,
            "measure": self._measure,
        }
        self.actions = tuple(
            Action(
                name,
                run,
                self._words.sentences(name, home.languages),
                timeout_s=timeout_s + _SPARE_S,
                confirm=name in _CONFIRMED,
                amend=self._set_anew if name == "set" else run if name in _ASKING else None,
            )
            for name, run in runs.items()
        )

    async def _on(self, call: Call, thing: Switched) -> str:
        return await self._send(call, "on", thing=thing)

    async def _off(self, call: Call, thing: Switched) -> str:
        return await self._send(call, "off", thing=thing)

    async def _set(self, call: Call, thing: Device, value: Value) -> str:
        return await self._send(call, "set", thing=thing, value=value)

    async def _set_anew(self, call: Call, thing: Device, value: Value) -> str:
        before = call.before.get("value")
        return await self._set(call, thing, value.after(before) if before else value)

    async def _colour(self, call: Call, thing: Coloured) -> str:
        return await self._send(call, "colour", thing=thing)

    async def _dim(self, call: Call, thing: Device) -> str:
        return await self._send(call, "dim", thing=thing)

    async def _brighten(self, call: Call, thing: Device) -> str:
        return await self._send(call, "brighten", thing=thing)

    async def _down(self, call: Call, thing: Device) -> str:
        return await self._send(call, "down", thing=thing)

    async def _up(self, call: Call, thing: Device) -> str:
        return await self._send(call, "up", thing=thing)

    async def _open(self, call: Call, thing: Device) -> str:
        return await self._send(call, "open", thing=thing)

    async def _close(self, call: Call, thing: Device) -> str:
        return await self._send(call, "close", thing=thing)

    async def _lock(self, call: Call, thing: Entrance) -> str:
        return await self._send(call, "lock", thing=thing)

    async def _shut(self, call: Call, thing: Entrance) -> str:
        return await self._send(call, "shut", thing=thing)

    async def _unlock(self, call: Call, thing: Entrance) -> str:
        return await self._send(call, "unlock", thing=thing)

    async def _open_way(self, call: Call, thing: Entrance) -> str:
        return await self._send(call, "open_way", thing=thing)

    async def _arm(self, call: Call, guard: Guard) -> str:
        return await self._send(call, "arm", guard=guard)

    async def _disarm(self, call: Call, guard: Guard) -> str:
        return await self._send(call, "disarm", guard=guard)

    async def _is(self, call: Call, state: State) -> str:
        return await self._send(call, "is", state=state)

    async def _are(self, call: Call, state: State) -> str:
        return await self._send(call, "are", state=state)

    async def _measure(self, call: Call, room: Room) -> str:
        return await self._send(call, "measure", room=room)

    async def _send(self, call: Call, action: str, **slots: _Said) -> str:
        """Have it done, and say what became of it. Raises ``SkillError``."""
        if self._there is None:
            raise SkillError(self._words.say(call.language, "no_home"))
        words = {name: slot.words for name, slot in slots.items()}
        text = read_table(call.language, NAME)["asks"][action].format(**words)
        before = self._conversations.get(call.asker, "") if call.asker else ""
        try:
            outcome = await self._there.process(text, call.language, before)
        except ServiceFailed as exc:
            raise SkillError(self._words.say(call.language, exc.reply)) from exc
        if call.asker and outcome.conversation:
            self._conversations[call.asker] = outcome.conversation
        return self._told(outcome, text, call.language)

    def _told(self, outcome: Outcome, text: str, language: str) -> str:
        """Raises ``SkillError`` where it was not done."""
        if outcome.error:
            known = {_NOT_UNDERSTOOD: "not_understood", _NO_SUCH: "no_such"}
            reply = known.get(outcome.error, "not_done")
            raise SkillError(self._words.say(language, reply, text=text, said=outcome.said).strip())
        said = outcome.said or self._words.say(language, "done")
        if outcome.failed:
            names = ", ".join(outcome.failed)
            said = f"{said} {self._words.say(language, 'failed_for', names=names)}"
        return said
