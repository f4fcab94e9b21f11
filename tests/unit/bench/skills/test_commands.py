"""Commands, and what is right about how they were understood."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.bench.skills.command_set import CommandSet, Said, load_commands
from heisenberg.bench.skills.commands import Aloud, bench_aloud, bench_commands
from heisenberg.bench.skills.understood import is_understood
from heisenberg.core.config.skills import SkillsConfig
from heisenberg.core.errors import ConfigError
from heisenberg.core.resources import command_set
from heisenberg.skills.base import Action
from heisenberg.skills.calculator.sums import Sum
from heisenberg.skills.discovery import load_repertoire
from heisenberg.skills.slots.moments import Moment
from heisenberg.skills.timers.reminder import Reminder
from heisenberg.skills.understanding.matching import Match, Understanding
from tests.fakes.skills import LAMP, ScriptedSkill

DEV = Path(__file__).parents[3] / "assets" / "commands_dev.toml"
LAMPS = """
exact = ["lamps"]

[[commands]]
language = "en"
category = "home"
skill = "lamps"
said = [
  { say = "Switch on the red lamp.", action = "on", slots = { lamp = "red" }, sound = true },
  { say = "Give me some light.", action = "on" },
]

[[others]]
language = "en"
said = ["The lamp is on.", "Switch on the old lamp"]
"""


@pytest.fixture
def lamps(tmp_path: Path) -> CommandSet:
    file = tmp_path / "lamps.toml"
    file.write_text(LAMPS, encoding="utf-8")
    return load_commands(file)


def match(skill: str, action: str, language: str, **slots: Any) -> Match:
    said = ScriptedSkill(sentences=LAMP).actions[0].run
    return Match(skill, Action(action, said, {}), language, slots)


def understood(found: Match, *, exactly: bool = True, **said: Any) -> bool:
    asked = Said.model_validate({"say": "Something.", **said})
    return is_understood(found, "timers", asked, exactly=exactly)


def test_the_shipped_set_is_half_french_and_a_fifth_of_it_is_spoken() -> None:
    shipped = load_commands(command_set())
    said = Counter(group.language for group, _ in shipped.each)
    spoken = Counter(group.language for group, one in shipped.each if one.sound)
    assert said == {"en": 150, "fr": 150}
    assert spoken == {"en": 30, "fr": 30}
    assert {group.language: len(group.said) for group in shipped.others} == {"en": 50, "fr": 50}


def test_what_templates_are_written_with_is_not_what_they_are_measured_with() -> None:
    def sentences(file: Path) -> list[str]:
        found = load_commands(file)
        every = [said.say for _, said in found.each]
        every += [text for group in found.others for text in group.said]
        return [text.lower().strip(" .?!") for text in every]

    shipped = sentences(command_set())
    assert len(set(shipped)) == len(shipped)
    assert not set(shipped) & set(sentences(DEV))


@pytest.mark.parametrize(
    ("found", "slots"),
    [
        ({"duration": timedelta(minutes=10), "name": "Pasta"}, {"duration": 600, "name": "pasta"}),
        (
            {"duration": timedelta(minutes=1), "name": "les pâtes"},
            {"duration": 60, "name": "pâtes"},
        ),
        ({"duration": timedelta(minutes=1), "name": ""}, {"duration": 60}),
        ({"at": Moment(7, 30, True, days=1)}, {"at": "07:30", "day": "tomorrow"}),
        ({"at": Moment(7, 5, True, weekday=0)}, {"at": "07:05", "day": "monday"}),
        ({"at": Moment(7, 5, True, weekday=0)}, {"at": "07:05"}),
        ({"what": Sum("6*7")}, {"result": 42}),
        (
            {"what": Reminder("call home", after=timedelta(hours=1))},
            {"about": "call home", "after": 3600},
        ),
        ({"name": "seven o'clock"}, {"name": "7 o'clock"}),
    ],
)
def test_slots_are_right_whatever_they_are_made_of(
    found: Mapping[str, Any], slots: Mapping[str, Any]
) -> None:
    assert understood(
        match("timers", "set", "fr" if "pâtes" in str(found) else "en", **found), slots=slots
    )


@pytest.mark.parametrize(
    ("found", "slots"),
    [
        ({"duration": timedelta(minutes=10)}, {"duration": 660}),
        ({"duration": timedelta(minutes=10)}, {"duration": 600, "name": "pasta"}),
        ({"duration": timedelta(minutes=10), "name": "i want a"}, {"duration": 600}),
        ({"at": Moment(7, 30, True)}, {"at": "19:30"}),
        ({"at": Moment(7, 30, True)}, {"at": "07:30", "day": "tomorrow"}),
        ({"what": Sum("1/0")}, {"result": 0}),
    ],
)
def test_what_was_misunderstood_is_wrong(
    found: Mapping[str, Any], slots: Mapping[str, Any]
) -> None:
    assert not understood(match("timers", "set", "en", **found), slots=slots)


def test_the_action_counts_where_its_name_is_known() -> None:
    found = match("timers", "cancel", "en")
    assert understood(found, action="cancel")
    assert understood(found)
    assert not understood(found, action="set")
    assert understood(found, action="set", exactly=False)
    assert not is_understood(found, "clock", Said(say="Cancel."), exactly=False)


@pytest.mark.parametrize(
    ("slots", "right"),
    [
        ({"items": ("Milk", "two eggs")}, True),
        ({"text": "milk and eggs"}, True),
        ({"text": "buttermilk and eggs"}, False),
        ({"items": ("milk",)}, False),
        ({}, False),
    ],
)
def test_of_other_skills_the_values_must_have_been_understood(
    slots: Mapping[str, Any], right: bool
) -> None:
    found = match("timers", "add", "en", **slots)
    assert understood(found, exactly=False, slots={"item": ["milk", "eggs"]}) is right


def test_numbers_are_found_in_what_other_skills_understood() -> None:
    for value in (5, "five miles", "5", 5.0):
        assert understood(match("timers", "x", "en", of=value), exactly=False, slots={"amount": 5})
    assert not understood(match("timers", "x", "en", of="55"), exactly=False, slots={"amount": 5})


def test_commands_and_others_are_counted(lamps: CommandSet) -> None:
    find = Understanding([ScriptedSkill()], ("en",)).find
    found = bench_commands({"en": find}, lamps).as_dict()
    assert found["commands"]["all"] == {"said": 2, "right": 1, "percent": 50.0}
    assert found["others"]["en"] == {"said": 2, "right": 1, "percent": 50.0}
    assert found["by_category"] == {"en home": {"said": 2, "right": 1}}
    assert [(one["said"], one["found"]) for one in found["wrong"]] == [
        ("Give me some light.", ""),
        ("Switch on the old lamp", "lamps.on"),
    ]


async def test_of_spoken_ones_what_was_heard_is_understood(lamps: CommandSet) -> None:
    (group,) = lamps.commands
    hears = ["switch on the red lamp", "switch on the bread lamp"]
    said = [Aloud(group, group.said[0], name, np.zeros(RATE_HZ, np.int16)) for name in ("a", "b")]

    async def recogniser(_utterance: Pcm) -> str:
        return hears.pop(0)

    understanding = await asyncio.to_thread(Understanding, [ScriptedSkill()], ("en",))
    report = await bench_aloud({"en": understanding.find}, lamps, said, {"en": recogniser})
    found = report.as_dict()
    assert found["by_voice"] == {"a": {"said": 1, "right": 1}, "b": {"said": 1, "right": 0}}
    assert found["commands"]["en"]["percent"] == 50.0
    assert found["others"] == {"all": {"said": 0, "right": 0, "percent": 0.0}}


def test_what_templates_are_written_with_is_understood(tmp_path: Path) -> None:
    """The short form of ``bench commands``: most, for the skills that are told by name."""
    dev = load_commands(DEV)
    ours = tuple(group for group in dev.commands if group.skill in dev.exact)
    config = SkillsConfig(data=tmp_path, folder=tmp_path)
    finds = {one: load_repertoire(config, (one,)).find for one in ("en", "fr")}
    found = bench_commands(finds, dev.model_copy(update={"commands": ours})).as_dict()
    assert found["commands"]["en"]["percent"] >= 95, found["wrong"]
    assert found["commands"]["fr"]["percent"] >= 95, found["wrong"]
    assert found["others"]["all"]["percent"] >= 97, found["wrong"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[commands]", "can't be used"),
        ("", "commands: Field required"),
        (LAMPS.replace('action = "on"', 'actoin = "on"'), "actoin"),
        (LAMPS.replace('language = "en"', 'language = "xx"'), "language"),
    ],
)
def test_a_set_that_can_not_be_used_is_told(text: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "set.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=reason):
        load_commands(file)


def test_a_set_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="can't be read"):
        load_commands(tmp_path / "nothing.toml")
