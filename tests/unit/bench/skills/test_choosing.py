"""What is made of requests: how it is judged, and the set they come from."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from heisenberg.bench.skills.choosing import Overheard, bench_choosing
from heisenberg.bench.skills.request_set import RequestSet, load_requests
from heisenberg.core.config.skills import SkillsConfig
from heisenberg.core.conversation import Conversation, Skills
from heisenberg.core.errors import ConfigError
from heisenberg.core.resources import request_set
from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.prompts.prompt_words import PromptWords
from heisenberg.skills.choosing.chooser import Chooser
from heisenberg.skills.choosing.sayings import sayings
from heisenberg.skills.dialogue.dialogue import Dialogue
from heisenberg.skills.discovery import load_repertoire
from tests.fakes.knowledge import ScriptedEmbedder
from tests.fakes.llm import ScriptedLanguageModel

KITCHEN = """
[[requests]]
language = "en"
category = "timers"
said = [
  { say = "%s", calls = ["timers.set", "timers.remind"], values = [1800] },
  { say = "%s", calls = ["timers.set"], values = [180] },
  { say = "%s", calls = ["timers.set"] },
  { say = "%s", calls = ["timers.set"] },
]

[[requests]]
language = "fr"
category = "timers"
said = [{ say = "Sors le pain dans une heure", calls = ["timers.set"] }]

[[talk]]
language = "en"
said = ["What is a thermometer?", "%s"]
"""


@pytest.fixture
def kitchen(tmp_path: Path) -> RequestSet:
    """Of examples, so that a model is asked."""
    known: dict[str, list[str]] = {}
    for one in sayings("en"):
        known.setdefault(one.key, []).append(one.said)
    said = (*known["timers.set"][2:5], known["timers.extend"][0], known["timers.cancel"][0])
    file = tmp_path / "kitchen.toml"
    file.write_text(KITCHEN % said, encoding="utf-8")
    return load_requests(file)


REPLIES = (
    ('timers_set {"duration": "half an hour"}',),
    ('timers_set {"duration": "four minutes"}',),
    ('timers_set {"duration": "five',),
    ('timers_extend {"duration": "two minutes"}',),
    ("timers_cancel {}",),
)


async def test_a_call_is_right_with_what_was_said(kitchen: RequestSet, tmp_path: Path) -> None:
    overheard = Overheard(ScriptedLanguageModel(REPLIES))
    can = await asyncio.to_thread(load_repertoire, SkillsConfig(data=tmp_path), ("en",))
    chooser = await asyncio.to_thread(Chooser, can, overheard, ScriptedEmbedder(), ("en",))
    skills = Skills(Dialogue(can), chooser)
    talk = Conversation(overheard, ConversationHistory(2), PromptWords(), skills=skills)
    report = await bench_choosing(talk, overheard, kitchen, ("en",))
    outcomes = [one.outcome.value for one in (*report.requests, *report.talk)]
    assert outcomes == ["right", "wrong slots", "talk", "another call", "right", "another call"]
    found = report.as_dict()
    assert found["requests"]["en"] == {"said": 4, "right": 1, "percent": 25.0}
    assert found["talk"]["all"] == {"said": 2, "right": 1, "percent": 50.0}
    assert found["calls"] == {"said": 5, "right": 4, "percent": 80.0}
    assert "fr" not in found["requests"]


def test_the_shipped_set_is_a_fifth_french() -> None:
    shipped = load_requests(request_set())
    requests = Counter[str]()
    for group in shipped.requests:
        requests[group.language] += len(group.said)
    assert requests == {"en": 48, "fr": 12}
    assert {group.language: len(group.said) for group in shipped.talk} == {"en": 30, "fr": 10}


def test_no_sentence_fits_what_is_asked_in_the_shipped_set(tmp_path: Path) -> None:
    shipped = load_requests(request_set())
    can = load_repertoire(SkillsConfig(data=tmp_path), ("en", "fr"))
    said = [one.say for group in shipped.requests for one in group.said]
    assert [text for text in said if can.find_all(text)] == []
    known = {f"{skill.name}.{action.name}" for skill in can.skills for action in skill.actions}
    calls = {call for group in shipped.requests for one in group.said for call in one.calls}
    assert calls <= known


def test_what_choosing_is_shown_is_not_what_it_is_measured_with() -> None:
    shipped = load_requests(request_set())
    said = {one.say for group in shipped.requests for one in group.said}
    said |= {text for group in shipped.talk for text in group.said}
    shown = {one.said for language in ("en", "fr") for one in sayings(language)}
    assert not {_plain(one) for one in said} & {_plain(one) for one in shown}


def test_a_set_that_can_not_be_used_is_told(tmp_path: Path) -> None:
    file = tmp_path / "kitchen.toml"
    file.write_text(KITCHEN.replace('"timers.set"', '"timers"'), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"requests in .*calls"):
        load_requests(file)


def _plain(text: str) -> str:
    return text.lower().strip(" .?!")
