"""Which sentence a text is; and that looking at its ends first leaves none out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from heisenberg.bench.skills.command_set import load_commands
from heisenberg.core.resources import command_set
from heisenberg.skills.understanding.templates import Templates
from heisenberg.skills.words import SkillWords, read_table

DEV = Path(__file__).parents[3] / "assets" / "commands_dev.toml"
OURS = ("clock", "calculator", "timers", "lists", "weather", "units")


def _found(*sentences: str, text: str) -> list[dict[str, str]]:
    templates = Templates("en", {"do": sentences}, {"do": ("what", "name")})
    return [dict(slots) for _, slots in templates.fitting(text)]


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("(set|start) [a] {what} timer", "Start a pasta timer."),
        ("[please] set {what}", "Please, set pasta!"),
        ("[please] set {what}", "set pasta"),
        ("[[very] much] {what} please", "pasta please"),
        ("{what} timer[s]", "pasta timers"),
        ("{what} timer[s]", "pasta timer"),
        ("wake up {what}", "wake-up pasta"),
        ("l'{what} d'(aujourd'hui|hier)", "L'pasta d'aujourd'hui"),
        ("d'{what}", "d'pasta"),
        ("(un |l'){what}", "l'pasta"),
        ("écris {what}", "ÉCRIS pasta"),
        ("{what}", "pasta"),
    ],
)
def test_a_text_is_the_sentence_it_can_be(sentence: str, text: str) -> None:
    assert {"what": "pasta"} in _found(sentence, text=text)


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("(set|start) [a] {what} timer", "stop a pasta timer"),
        ("(set|start) [a] {what} timer", "start a pasta time"),
        ("set {what} [now]", "preset pasta"),
        ("{what} timer", "timer"),
    ],
)
def test_and_no_other(sentence: str, text: str) -> None:
    assert not _found(sentence, text=text)


def test_what_is_in_a_slot_keeps_its_commas() -> None:
    assert _found("add {what}", text="add milk, eggs and bread, ") == [
        {"what": "milk, eggs and bread"}
    ]


def _shipped(language: str) -> Iterator[str]:
    for file in (DEV, command_set()):
        found = load_commands(file)
        for group, said in found.each:
            if group.language == language:
                yield said.say
        for others in found.others:
            if others.language == language:
                yield from others.said


def _templates(language: str) -> Templates:
    sentences = {
        f"{name}.{action}": SkillWords(name).sentences(action, (language,))[language]
        for name in OURS
        for action in read_table(language, name)["sentences"]
    }
    every = " ".join(chain.from_iterable(sentences.values()))
    return Templates(
        language, sentences, {key: set(re.findall(r"{(\w+)}", every)) for key in sentences}
    )


@pytest.mark.parametrize("language", ["en", "fr"])
def test_nothing_is_left_out_by_looking_at_the_ends_first(language: str) -> None:
    templates = _templates(language)
    thorough = _templates(language)
    thorough._sentences = [replace(one, begins=("",), ends=("",)) for one in thorough._sentences]
    for text in _shipped(language):
        assert list(templates.fitting(text)) == list(thorough.fitting(text)), text
