"""What who wants to know is shown that a skill can be asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from heisenberg.core.config.skills import SkillsConfig
from heisenberg.skills.discovery import find_skills, load_repertoire
from heisenberg.skills.sample import asked_with, example_of
from tests.fakes.skills import ScriptedSkill

LANGUAGES = ("en", "fr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_shown_is_understood_by_the_skill_that_shows_it(
    language: str, tmp_path: Path
) -> None:
    config = SkillsConfig(folder=tmp_path, data=tmp_path)
    can = load_repertoire(config, (language,))
    found = find_skills(config, LANGUAGES).skills
    shown = {skill.name: example_of(skill, language) for skill in found}
    whole = {name: text for name, text in shown.items() if text and "<" not in text}
    assert whole.keys() >= {"calculator", "clock", "help", "lists", "timers", "units", "weather"}
    for name, text in whole.items():
        match = can.find(text)
        assert match is not None, text
        assert match.skill == name


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("switch on the {lamp} lamp", "switch on the <lamp> lamp"),
        ("(switch|turn) [the] {lamp} [lamp] (on|off [(now|soon)])", "switch <lamp> on"),
        ("[(please|do)] (light|(switch|turn) on) {lamp}", "light <lamp>"),
    ],
)
def test_without_an_example_its_first_sentence_is_shown(template: str, shown: str) -> None:
    skill = ScriptedSkill(sentences={"en": [template, "light"]})
    assert example_of(skill, "en") == shown
    assert example_of(skill, "fr") == ""


@pytest.mark.parametrize(
    ("slots", "asked"),
    [
        ({"item": "milk"}, "add milk"),
        ({"item": "milk", "name": "shopping"}, "add milk to the shopping list"),
        ({"name": "shopping"}, "read the shopping list"),
        ({"place": "Oslo"}, ""),
    ],
)
def test_what_was_understood_is_told_as_it_is_asked_for(slots: dict[str, str], asked: str) -> None:
    sentences = ["[please] (add|put) {item} [(to|on) [the] {name} list]", "read [the] {name} list"]
    action = ScriptedSkill(sentences={"en": sentences}).actions[0]
    assert asked_with(action, "en", slots) == asked
    assert asked_with(action, "fr", slots) == ""
