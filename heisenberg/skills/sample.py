"""A sentence that a skill is asked with, for who wants to see one."""

from __future__ import annotations

import re
from typing import Final

from heisenberg.skills.base import Skill
from heisenberg.skills.words import read_table

_MAY_BE_MISSING: Final = re.compile(r"\[[^\[\]()]*\]")
_ALTERNATIVES: Final = re.compile(r"\(([^\[\]()|]*)[^\[\]()]*\)")
_SLOT: Final = re.compile(r"\{(\w+)\}")


def example_of(skill: Skill, language: str) -> str:
    """The one that its words name, else its first template at its shortest, with slots as
    "<place>"; empty where it can't be asked in ``language``."""
    sentences = [
        sentence for action in skill.actions for sentence in action.sentences.get(language, ())
    ]
    if not sentences:
        return ""
    named: str = read_table(language, skill.name).get("example", "")
    return named or _shortest(sentences[0])


def _shortest(template: str) -> str:
    before = ""
    while template != before:
        before = template
        template = _ALTERNATIVES.sub(r"\1", _MAY_BE_MISSING.sub("", template))
    return " ".join(_SLOT.sub(r"<\1>", template).split())
