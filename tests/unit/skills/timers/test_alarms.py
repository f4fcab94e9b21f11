"""Alarms and reminders, which go by the clock."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from heisenberg.skills.base import Home
from heisenberg.skills.repertoire import Repertoire
from heisenberg.skills.timers.book import TimerBook
from heisenberg.skills.timers.skill import Timers
from tests.fakes.clock import ScriptedClock

LANGUAGES = ("en", "fr")
NOW = datetime(2026, 11, 29, 14, 5, tzinfo=ZoneInfo("Europe/Paris"))
ASLEEP = (
    " It rings only where Heisenberg runs with sound, and here it does not.",
    " Il ne sonne que là où Heisenberg tourne avec du son, ce qui n'est pas le cas ici.",
)


async def _can(folder: Path) -> Repertoire:
    clock = ScriptedClock(NOW.timestamp())

    def load() -> Repertoire:
        home = Home(LANGUAGES, folder)
        timers = Timers(home, clock.now_s, clock.elapsed_s, lambda: clock.boot)
        return Repertoire([timers], LANGUAGES, lambda: NOW)

    return await asyncio.to_thread(load)


async def _say(can: Repertoire, text: str) -> str | None:
    match = can.find(text)
    if match is None:
        return None
    said = await can.run(match)
    for asleep in ASLEEP:
        said = said.removesuffix(asleep)
    return said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Set an alarm for seven thirty.", "Alarm set for today at 7:30 PM."),
        ("Wake me up at half past six tomorrow.", "Alarm set for tomorrow at 6:30 AM."),
        ("Wake me tomorrow at seven, please.", "Alarm set for tomorrow at 7:00 AM."),
        ("Set an alarm for today at 9 am.", "That moment has passed."),
        (
            "Set an alarm.",
            "For when? Say it all at once, as in: set an alarm for half past six.",
        ),
        (
            "Remind me to call Mum tomorrow at seven.",
            "Tomorrow at 7:00 AM I'll remind you: call Mum.",
        ),
        ("Remind me at five to feed the cat.", "Today at 5:00 PM I'll remind you: feed the cat."),
        (
            "Remind me in 20 minutes to take out the trash.",
            "In 20 minutes I'll remind you: take out the trash.",
        ),
        (
            "Remind me to turn off the oven in half an hour.",
            "In 30 minutes I'll remind you: turn off the oven.",
        ),
        (
            "In an hour, remind me to turn off the oven.",
            "In 1 hour I'll remind you: turn off the oven.",
        ),
        (
            "Tomorrow remind me to call Mum at seven.",
            "Tomorrow at 7:00 AM I'll remind you: call Mum.",
        ),
        (
            "In an hour remind me to call Mum at seven.",
            "In 1 hour I'll remind you: call Mum.",
        ),
        (
            "Tomorrow at seven remind me to call Mum.",
            "Tomorrow at 7:00 AM I'll remind you: call Mum.",
        ),
        (
            "Rappelle-moi la lessive dans une heure.",
            "Dans 1 heure je vous rappelle : la lessive.",
        ),
        (
            "Remind me to call the doctor.",
            "Say when, as in: remind me tomorrow at seven to call home.",
        ),
        ("Mets une alarme à sept heures et demie.", "Alarme réglée : demain à 7 heures 30."),
        ("Réveille-moi demain à six heures.", "Alarme réglée : demain à 6 heures."),
        (
            "Rappelle-moi demain à huit heures d'acheter du lait.",
            "Demain à 8 heures je vous rappelle : acheter du lait.",
        ),
        (
            "Rappelle-moi d'appeler maman dans deux heures.",
            "Dans 2 heures je vous rappelle : appeler maman.",
        ),
        ("Set an alarm for yesterday.", None),
        ("Remind me of Paris.", None),
        ("What is an alarm?", None),
    ],
)
async def test_they_are_asked_for_in_words(asked: str, said: str | None, tmp_path: Path) -> None:
    assert await _say(await _can(tmp_path), asked) == said


async def test_what_is_cancelled_is_of_the_kind_that_was_named(tmp_path: Path) -> None:
    can = await _can(tmp_path)
    for text in (
        "Set a timer for ten minutes.",
        "Set an alarm for seven thirty.",
        "Wake me at six in the morning.",
        "Remind me in an hour to open the window.",
    ):
        await _say(can, text)
    assert await _say(can, "Cancel the timer.") == "Cancelled: the timer for 10 minutes."
    assert await _say(can, "Cancel the alarm.") == (
        "Which one? There are: the alarm for today at 7:30 PM; the alarm for tomorrow at 6:00 AM."
    )
    assert await _say(can, "Cancel the alarm for half past seven.") == (
        "Cancelled: the alarm for today at 7:30 PM."
    )
    assert await _say(can, "Cancel all timers.") == "There is no timer."
    assert await _say(can, "What alarms do I have?") == "The alarm for tomorrow at 6:00 AM."
    assert await _say(can, "Delete all my alarms.") == (
        "Cancelled: the alarm for tomorrow at 6:00 AM."
    )
    assert await _say(can, "Do I have any reminders?") == (
        "The reminder: open the window: 1 hour left."
    )


def test_who_sets_the_clock_moves_the_alarm_with_it(tmp_path: Path) -> None:
    clock = ScriptedClock()
    book = TimerBook(tmp_path / "timers.json", clock.now_s, clock.elapsed_s)
    book.set_alarm(clock.now_s() + 3600, "en")
    clock.set_by(3590)
    assert not book.due()
    clock.pass_s(10)
    assert len(book.due()) == 1
