"""A sentence that a skill is asked with, for who wants to see one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from heisenberg.skills.base import Action, Skill
from heisenberg.skills.words import read_table

_MAY_BE_MISSING: Final = re.compile(r"\[([^\[\]()]*)\]")
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


def asked_with(action: Action, language: str, slots: Mapping[str, Any]) -> str:
    """Its first template that has just ``slots``, at its shortest but for articles, with them;
    empty where it has none in ``language``."""
    articles = read_table(language, "dialogue").get("articles", ())
    for sentence in action.sentences.get(language, ()):
        short = _shortened(sentence, slots.keys(), articles)
        if set(_SLOT.findall(short)) == slots.keys():
            return _SLOT.sub(lambda found: str(slots[found[1]]), short)
    return ""


def _shortest(template: str) -> str:
    return _SLOT.sub(r"<\1>", _shortened(template))


def _shortened(template: str, slots: Collection[str] = (), words: Collection[str] = ()) -> str:
    """Without what may be missing, but for where one of ``slots`` is, and single ``words``."""

    def kept(found: re.Match[str]) -> str:
        is_kept = found[1] in words or set(_SLOT.findall(found[1])) & set(slots)
        return found[1] if is_kept else ""

    before = ""
    while template != before:
        before = template
        template = _ALTERNATIVES.sub(r"\1", _MAY_BE_MISSING.sub(kept, template))
    return " ".join(template.split())
