"""Timers that are asked for in words, and ring."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from heisenberg.skills.base import Call, Home
from heisenberg.skills.repertoire import Repertoire
from heisenberg.skills.timers.skill import Timers
from tests.fakes.clock import ScriptedClock

LANGUAGES = ("en", "fr")
ASLEEP = "It rings only where Heisenberg runs with sound, and here it does not."


class _Bell:
    """Notes what rings."""

    def __init__(self) -> None:
        self.rung: asyncio.Queue[str] = asyncio.Queue()

    async def ring(self, text: str) -> None:
        self.rung.put_nowait(text)


class _Talk:
    """Somebody who asks for timers; ``here`` they ring."""

    def __init__(self, timers: Timers, can: Repertoire, clock: ScriptedClock) -> None:
        self.timers = timers
        self.clock = clock
        self._can = can

    async def say(self, text: str) -> str | None:
        match = self._can.find(text)
        return None if match is None else await self._can.run(match)

    async def foretell(self, text: str) -> str:
        match = self._can.find(text)
        assert match is not None
        return await self._can.foretell(match, Call(match.language, self._can.now()))


async def _talk(folder: Path, clock: ScriptedClock | None = None) -> _Talk:
    clock = clock or ScriptedClock()

    def load() -> tuple[Timers, Repertoire]:
        home = Home(LANGUAGES, folder)
        timers = Timers(home, clock.now_s, clock.elapsed_s, lambda: clock.boot)
        now = partial(datetime.fromtimestamp, tz=UTC)
        return timers, Repertoire([timers], LANGUAGES, lambda: now(clock.now_s()))

    return _Talk(*await asyncio.to_thread(load), clock)


async def test_timers_are_set_asked_after_and_cancelled(tmp_path: Path) -> None:
    talk = await _talk(tmp_path)
    assert await talk.say("Set a timer for ten minutes.") == f"Timer set for 10 minutes. {ASLEEP}"
    assert await talk.say("Start a pasta timer for eight and a half minutes, please.") == (
        f"Pasta timer set for 8 minutes and 30 seconds. {ASLEEP}"
    )
    talk.clock.pass_s(90)
    assert await talk.say("How much time is left on the pasta timer?") == "7 minutes left."
    assert await talk.say("How long until the past a timer goes off?") == "7 minutes left."
    assert await talk.say("How much time is left?") == (
        "The pasta timer: 7 minutes left. The timer for 10 minutes: 8 minutes and 30 seconds left."
    )
    assert await talk.say("Cancel the timer.") == (
        "Which one? There are: the pasta timer; the timer for 10 minutes."
    )
    assert await talk.say("Add five minutes to the pasta timer.") == (
        "The pasta timer: 12 minutes left."
    )
    assert await talk.say("Cancel the ten minute timer.") == "Cancelled: the timer for 10 minutes."
    assert await talk.say("Cancel the egg timer.") == "There is none called egg."
    assert await talk.say("Cancel the timer.") == "Cancelled: the pasta timer."
    assert await talk.say("Which timers do I have?") == "There is no timer."


async def test_a_name_that_was_misheard_is_the_only_one_that_is_near(tmp_path: Path) -> None:
    talk = await _talk(tmp_path)
    for name in ("pasta", "rice", "pizza"):
        await talk.say(f"Set a {name} timer for ten minutes.")
    assert await talk.say("How much time is left on the pizza timer?") == "10 minutes left."
    assert await talk.say("Cancel the pastor timer.") == "Cancelled: the pasta timer."
    assert await talk.say("Cancel the oven timer.") == "There is none called oven."
    await talk.say("Set an ice timer for twenty minutes.")
    await talk.say("Set a dice timer for twenty minutes.")
    assert await talk.say("Cancel the mice timer.") == (
        "Which one? There are: the rice timer; the ice timer; the dice timer."
    )
    assert await talk.say("Cancel the rice timer.") == "Cancelled: the rice timer."


async def test_in_french_too(tmp_path: Path) -> None:
    talk = await _talk(tmp_path)
    said = await talk.say("Mets un minuteur de dix minutes, s'il te plaît.")
    assert said is not None
    assert said.startswith("Minuteur réglé sur 10 minutes.")
    said = await talk.say("Rappelle-moi de sortir le pain dans une demi-heure.")
    assert said is not None
    assert said.startswith("Dans 30 minutes je vous rappelle : sortir le pain.")
    assert await talk.say("Annule le rappel.") == "Annulé : le rappel : sortir le pain."
    assert await talk.say("Annule tous les minuteurs.") == "Annulé : le minuteur de 10 minutes."


@pytest.mark.parametrize(
    "text",
    [
        "What is a timer?",
        "Set a timer for tomorrow.",
        "Set a timer for minus five minutes.",
        "I have five minutes left.",
        "Who invented the egg timer?",
        "Remind me of Paris.",
    ],
)
async def test_what_asks_for_no_timer_sets_none(text: str, tmp_path: Path) -> None:
    talk = await _talk(tmp_path)
    assert await talk.say(text) is None
    assert await talk.say("Do I have any timers?") == "There is no timer."


@pytest.mark.parametrize(
    "text",
    [
        "I want a timer for ten minutes.",
        "Tart a timer for ten minutes.",
        "Set a ten-minute timer.",
        "A ten minute time, or please.",
    ],
)
async def test_what_asks_for_it_is_no_name(text: str, tmp_path: Path) -> None:
    assert await (await _talk(tmp_path)).say(text) == f"Timer set for 10 minutes. {ASLEEP}"


async def test_who_does_not_say_how_long_is_asked(tmp_path: Path) -> None:
    talk = await _talk(tmp_path)
    for text, answer in (
        ("Set a timer.", "For how long?"),
        ("Set a timer for ten", "10 what?"),
        ("Mets un minuteur de dix", "10 quoi ?"),
    ):
        said = await talk.say(text)
        assert said is not None
        assert said.startswith(answer)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Wake me up every other day at seven.", "Nothing was set"),
        ("Remind me every hour to drink.", "Nothing was set"),
        ("Remind me to feed the cat every day except Sunday.", "Nothing was set"),
        ("Remind me every day but Sunday to feed the cat.", "Nothing was set"),
        ("Remind me every morning and evening to take my pills.", "Nothing was set"),
        ("Remind me tomorrow at nine to take my pills every day.", "Nothing was set"),
        ("Wake me at seven every weekday except Friday.", "Nothing was set"),
        ("Set a recurring alarm for seven.", "Nothing was set"),
        ("Mets une alarme récurrente à sept heures.", "Rien n'a été réglé"),
        ("Rappelle-moi de nourrir le chat tous les jours sauf le dimanche.", "Rien n'a été réglé"),
        ("Every month remind me to pay the rent.", "Nothing was set"),
        ("Set a weekly reminder to water the plants.", "Nothing was set"),
        ("Wake me up every weekday.", "For when?"),
        ("Remind me to feed the cat every morning and evening at seven.", "Nothing was set"),
        ("Réveille-moi un matin sur deux à sept heures.", "Rien n'a été réglé"),
        ("Rappelle-moi toutes les deux semaines de sortir le chien.", "Rien n'a été réglé"),
        ("Réveille-moi tous les jours.", "Pour quelle heure"),
    ],
)
async def test_what_is_to_come_again_and_again_is_not_taken_for_once(
    text: str, answer: str, tmp_path: Path
) -> None:
    talk = await _talk(tmp_path)
    said = await talk.say(text)
    assert said is not None
    assert said.startswith(answer)
    assert not await asyncio.to_thread(talk.timers.book.all)


@pytest.mark.parametrize(
    "text",
    [
        "Remind me tomorrow at nine to send the weekly report.",
        "Remind me to check the daily menu tomorrow at noon.",
    ],
)
async def test_what_comes_every_week_may_be_reminded_of_once(text: str, tmp_path: Path) -> None:
    talk = await _talk(tmp_path)
    await talk.say(text)
    (reminder,) = await asyncio.to_thread(talk.timers.book.all)
    assert reminder.about.startswith(("send the weekly report", "check the daily menu"))


async def test_they_ring_when_their_time_has_passed_and_are_gone(tmp_path: Path) -> None:
    talk, bell = await _talk(tmp_path), _Bell()
    working = asyncio.create_task(talk.timers.work(bell), name="timers")
    await asyncio.sleep(0)
    assert await talk.say("Set a tea timer for three minutes.") == "Tea timer set for 3 minutes."
    assert await talk.say("Remind me in five minutes to open the window.") == (
        "In 5 minutes I'll remind you: open the window."
    )
    assert bell.rung.empty()
    talk.clock.pass_s(301)
    assert await bell.rung.get() == "Time is up: the tea timer."
    assert await bell.rung.get() == "A reminder: open the window."
    while await talk.say("Do I have any timers?") != "There is no timer.":
        pass  # the last one is being crossed out
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


async def test_one_whose_time_passed_while_nothing_ran_rings_at_the_start(tmp_path: Path) -> None:
    clock = ScriptedClock()
    await (await _talk(tmp_path, clock)).say("Set a timer for ten minutes.")
    clock.pass_s(86_400)
    clock.restart()
    talk, bell = await _talk(tmp_path, clock), _Bell()
    working = asyncio.create_task(talk.timers.work(bell), name="timers")
    assert await bell.rung.get() == "Time is up: the timer for 10 minutes."
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Remind me on Friday to pay the rent", "at 9:00 AM I'll remind you: pay the rent."),
        ("Remind me to call home tomorrow", "Tomorrow at 9:00 AM I'll remind you: call home."),
        ("Rappelle-moi demain d'appeler la banque", "Demain à 9 heures je vous rappelle :"),
    ],
)
async def test_what_is_for_a_day_is_reminded_of_in_its_morning(
    text: str, answer: str, tmp_path: Path
) -> None:
    said = await (await _talk(tmp_path)).say(text)
    assert said is not None
    assert answer in said


@pytest.mark.parametrize(
    "text",
    [
        "Set a timer for ten minutes.",
        "Set a pasta timer for ten minutes.",
        "Set an alarm for half past six.",
        "Remind me in an hour to call Mum.",
        "Remind me tomorrow at seven to call Mum.",
        "Cancel all timers.",
        "Cancel the timer.",
    ],
)
async def test_what_will_be_said_is_known_and_nothing_is_changed_by_it(
    tmp_path: Path, text: str
) -> None:
    talk = await _talk(tmp_path)
    if text.startswith("Cancel"):
        await talk.say("Set a timer for two minutes.")
    before = await asyncio.to_thread(talk.timers.book.all)
    foretold = await talk.foretell(text)
    assert await asyncio.to_thread(talk.timers.book.all) == before
    assert await talk.say(text) == foretold
    assert await asyncio.to_thread(talk.timers.book.all) != before


async def test_what_will_not_work_is_not_foretold(tmp_path: Path) -> None:
    talk = await _talk(tmp_path)
    assert await talk.foretell("Cancel the timer.") == ""
