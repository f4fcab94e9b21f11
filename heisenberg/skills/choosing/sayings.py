"""What else skills are asked with: examples by language, which a user may edit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from heisenberg.core.errors import ConfigError
from heisenberg.skills.words import read_table

_FILE: Final = "examples"
_SAID: Final = "say"
_TALK: Final = "talk"


@dataclass(frozen=True, slots=True)
class Saying:
    """What is said, the skill and the action that are meant (empty: none is), and the slots."""

    said: str
    skill: str = ""
    action: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The name of what is meant; empty for talk."""
        return f"{self.skill}.{self.action}" if self.skill else ""


def sayings(language: str) -> Iterator[Saying]:
    """Reads a file. Raises ``ConfigError``."""
    for skill, actions in read_table(language, _FILE).items():
        if skill == _TALK:
            for said in actions[_SAID]:
                yield Saying(said)
            continue
        for action, lines in actions.items():
            for line in lines:
                if _SAID not in line:
                    raise ConfigError(
                        f"An example of '{skill}.{action}' in '{language}' says nothing.",
                        f'Write it as {{ {_SAID} = "..." }}.',
                    )
                slots = {name: text for name, text in line.items() if name != _SAID}
                yield Saying(line[_SAID], skill, action, slots)
