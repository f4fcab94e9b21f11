"""How a conversation goes on about what a skill did or asks."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from heisenberg.skills.base import Action, Call, Home
from heisenberg.skills.clock import Clock
from heisenberg.skills.dialogue.dialogue import Dialogue
from heisenberg.skills.repertoire import Repertoire
from heisenberg.skills.timers.skill import Timers
from heisenberg.skills.timers.timer import Again
from tests.fakes.clock import ScriptedClock
from tests.fakes.skills import NOW, ScriptedSkill

LANGUAGES = ("en", "fr")


class _Shelf:
    """A ``Skill`` that empties a shelf, which can't be undone."""

    name = "shelf"

    def __init__(self) -> None:
        self.emptied: list[str] = []
        sentences = {"en": ["empty the {shelf} shelf"], "fr": ["vide l'étagère {shelf}"]}
        self.actions = (Action("empty", self._empty, sentences, confirm=True),)

    async def _empty(self, call: Call, shelf: str) -> str:
        del call
        self.emptied.append(shelf)
        return f"The {shelf} shelf is empty."


class _Talk:
    """A conversation with what these skills can do."""

    def __init__(self, folder: Path) -> None:
        self.clock = ScriptedClock(NOW.timestamp())
        self.shelf = _Shelf()
        self.lamps = ScriptedSkill()
        home = Home(LANGUAGES, folder)
        self.timers = Timers(home, self.clock.now_s, self.clock.elapsed_s)
        self.now = NOW
        skills = (self.shelf, self.lamps, self.timers, Clock(home))
        self._dialogue = Dialogue(Repertoire(skills, LANGUAGES, self._time))

    def _time(self) -> datetime:
        return self.now

    async def say(self, text: str, *, heard: bool = True) -> str:
        """What is answered; nothing where it is for the model. What the user does not hear to
        the end, as a dropped draft, was not said."""
        wish = self._dialogue.find(text)
        said = "" if wish is None else " ".join(one.text for one in await self._dialogue.act(wish))
        if heard:
            self._dialogue.remember(text)
        return said

    def pure(self, text: str) -> bool:
        wish = self._dialogue.find(text)
        assert wish is not None
        return wish.pure

    async def lengths_s(self) -> list[float]:
        every = await asyncio.to_thread(self.timers.book.all)
        return sorted(one.length_s for one in every)


@pytest.fixture
async def talk(tmp_path: Path) -> _Talk:
    return await asyncio.to_thread(_Talk, tmp_path)


@pytest.mark.parametrize("yes", ["Yes.", "Yes, please!", "do it", "Oui"])
async def test_what_cant_be_undone_is_asked_back_and_done_after_a_yes(
    talk: _Talk, yes: str
) -> None:
    question = await talk.say("Empty the top shelf.")
    assert question == "Empty the top shelf? Say yes, and I do it."
    assert not talk.shelf.emptied
    assert not talk.pure(yes)
    assert await talk.say(yes) == "The top shelf is empty."
    assert talk.shelf.emptied == ["top"]
    assert await talk.say(yes) == ""


@pytest.mark.parametrize("no", ["No.", "Never mind", "non merci"])
async def test_a_no_leaves_it(talk: _Talk, no: str) -> None:
    await talk.say("empty the top shelf")
    assert "nothing was done" in await talk.say(no)
    assert await talk.say("yes") == ""
    assert not talk.shelf.emptied


async def test_a_yes_counts_for_the_turn_before_and_not_for_long(talk: _Talk) -> None:
    assert await talk.say("yes") == ""
    await talk.say("empty the top shelf")
    assert await talk.say("Who was Mozart?") == ""
    assert await talk.say("yes") == ""
    await talk.say("empty the top shelf")
    talk.now += timedelta(minutes=2)
    assert await talk.say("yes") == ""
    assert not talk.shelf.emptied


async def test_a_question_that_nobody_heard_was_not_asked(talk: _Talk) -> None:
    await talk.say("empty the top shelf", heard=False)
    assert await talk.say("yes") == ""
    assert not talk.shelf.emptied


async def test_a_timer_is_corrected(talk: _Talk) -> None:
    await talk.say("Set a timer for ten minutes")
    assert (await talk.say("Make it five.")).startswith("Timer set for 5 minutes.")
    assert await talk.lengths_s() == [300.0]
    await talk.say("No, a quarter of an hour")
    assert await talk.lengths_s() == [900.0]
    await talk.say("and three minutes")
    assert await talk.lengths_s() == [180.0, 900.0]
    assert not talk.pure("make it four")


async def test_what_was_set_is_cancelled_by_that(talk: _Talk) -> None:
    await talk.say("Set a timer for ten minutes")
    await talk.say("Set an alarm for half past six")
    assert (await talk.say("Cancel that.")).startswith("Cancelled: the alarm")
    assert await talk.lengths_s() == [600.0]


async def test_the_same_is_asked_of_something_else(talk: _Talk) -> None:
    assert "Tokyo" in await talk.say("What time is it in Tokyo?")
    assert "Paris" in await talk.say("And in Paris?")
    assert "Cairo" in await talk.say("What about Cairo")
    assert await talk.say("And then I went home without saying a word") == ""


async def test_a_thing_is_named_without_what_stands_before_it(talk: _Talk) -> None:
    await talk.say("Switch on the kitchen lamp")
    await talk.say("What about my hall?")
    await talk.say("And the bathroom too.")
    await talk.say("Et l'entrée ?")
    assert talk.lamps.asked == ["en:kitchen", "en:hall", "en:bathroom", "fr:entrée"]


async def test_an_alarm_is_moved(talk: _Talk) -> None:
    await talk.say("Set an alarm for half past six")
    assert "7:00" in await talk.say("Make it seven")
    every = await asyncio.to_thread(talk.timers.book.all)
    assert len(every) == 1


async def test_an_alarm_is_moved_on_its_day(talk: _Talk) -> None:
    await talk.say("Wake me on Wednesday at eight in the evening.")
    assert "at 9:00 PM" in (said := await talk.say("Make it nine."))
    assert "Wednesday" in said
    assert "at 6:00 AM" in (said := await talk.say("No, at six in the morning."))
    assert "Wednesday" in said
    assert "tomorrow at 7:00 AM" in await talk.say("No, tomorrow at seven.")


async def test_another_timer_is_one_beside_it_without_its_name(talk: _Talk) -> None:
    await talk.say("Set a timer for twelve minutes for the pasta.")
    await talk.say("And another one for five minutes.")
    await talk.say("Make it six minutes.")
    await talk.say("And one for the eggs for four minutes.")
    every = await asyncio.to_thread(talk.timers.book.all)
    assert [(one.name, one.length_s) for one in every] == [
        ("eggs", 240.0),
        ("", 360.0),
        ("pasta", 720.0),
    ]


@pytest.mark.parametrize(
    ("first", "other", "due"),
    [
        ("Wake me tomorrow at seven.", "And another one at eight.", "tomorrow at 8:00 AM"),
        ("Wake me every weekday at seven.", "And one at half past eight.", "every weekday at 8:30"),
        ("Wake me tomorrow at seven.", "And one on Saturday at nine.", "at 9:00 AM"),
        ("Réveille-moi demain à sept heures.", "Et une autre à huit heures.", "demain à 8 heures"),
    ],
)
async def test_another_alarm_is_on_the_same_day(
    talk: _Talk, first: str, other: str, due: str
) -> None:
    await talk.say(first)
    assert due in await talk.say(other)
    assert len(await asyncio.to_thread(talk.timers.book.all)) == 2


async def test_another_one_of_nothing_is_not_said_to_be_set(talk: _Talk) -> None:
    await talk.say("Set a timer for ten minutes.")
    assert (await talk.say("And another one for")).startswith("Say it all at once")
    assert (await talk.say("Et encore un")).startswith("Dites tout d'un coup")
    assert len(await asyncio.to_thread(talk.timers.book.all)) == 1


async def test_another_one_is_of_what_was_set_just_before(talk: _Talk) -> None:
    assert await talk.say("And another one for five minutes.") == ""


async def test_an_alarm_that_is_moved_still_comes_again(talk: _Talk) -> None:
    assert (await talk.say("Wake me every weekday at seven.")).startswith(
        "Alarm set for every weekday at 7:00 AM."
    )
    assert (await talk.say("No, at half past six.")).startswith(
        "Alarm set for every weekday at 6:30 AM."
    )
    (alarm,) = await asyncio.to_thread(talk.timers.book.all)
    assert alarm.again == Again((0, 1, 2, 3, 4), 6, 30)


async def test_what_can_not_be_corrected_is_for_the_model(talk: _Talk) -> None:
    await talk.say("Switch on the kitchen lamp")
    assert await talk.say("make it blue") == ""
    assert talk.lamps.done == ["kitchen"]


async def test_a_lead_may_have_commas(talk: _Talk) -> None:
    await talk.say("What time is it in Tokyo?")
    assert "Lyon" in await talk.say("No, I meant Lyon.")


async def test_of_several_things_the_one_that_can_be_corrected_is(talk: _Talk) -> None:
    said = await talk.say("Set a timer for ten minutes and tell me the time")
    assert "10 minutes" in said
    assert "It's" in said
    assert (await talk.say("make it five")).startswith("Timer set for 5 minutes.")
    assert await talk.lengths_s() == [300.0]
