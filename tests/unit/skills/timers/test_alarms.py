"""Alarms and reminders, which go by the clock."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from heisenberg.skills.base import Home
from heisenberg.skills.repertoire import Repertoire
from heisenberg.skills.timers.book import TimerBook
from heisenberg.skills.timers.skill import Timers
from heisenberg.skills.timers.timer import Again
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
        (
            "Remind me of that later.",
            "Say when, as in: remind me tomorrow at seven to call home.",
        ),
        (
            "Remind me in ten minutes to leave soon.",
            "In 10 minutes I'll remind you: leave soon.",
        ),
        (
            "Rappelle-moi ce truc plus tard.",
            "Dites quand, par exemple : rappelle-moi demain à sept heures d'appeler la maison.",
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
        ("Wake me every weekday at seven.", "Alarm set for every weekday at 7:00 AM."),
        ("Wake me up at half past six on weekdays.", "Alarm set for every weekday at 6:30 AM."),
        ("Set an alarm for eight every morning.", "Alarm set for every day at 8:00 AM."),
        ("Set a weekday alarm for six thirty.", "Alarm set for every weekday at 6:30 AM."),
        ("Set a Monday alarm for seven.", "Alarm set for tomorrow at 7:00 AM."),
        ("Set a daily alarm for noon.", "Alarm set for every day at 12:00 PM."),
        (
            "Set a recurring alarm for seven from Monday to Friday.",
            "Alarm set for every weekday at 7:00 AM.",
        ),
        (
            "Every Monday, Wednesday and Friday at five in the morning, wake me up.",
            "Alarm set for every Monday, Wednesday and Friday at 5:00 AM.",
        ),
        ("Wake me up on Mondays at five.", "Alarm set for every Monday at 5:00 AM."),
        ("Wake me tomorrow at five.", "Alarm set for tomorrow at 5:00 AM."),
        ("Set an alarm for tomorrow at five pm.", "Alarm set for tomorrow at 5:00 PM."),
        (
            "Remind me the day after tomorrow to call Mum at seven.",
            "Tuesday, December 1 at 7:00 AM I'll remind you: call Mum.",
        ),
        (
            "Remind me the day after tomorrow to take bus 7.",
            "Tuesday, December 1 at 9:00 AM I'll remind you: take bus 7.",
        ),
        ("Wake me up today at five.", "Alarm set for today at 5:00 PM."),
        ("Set an alarm for Sunday at eleven.", "Alarm set for today at 11:00 PM."),
        ("Set an evening alarm for seven.", "Alarm set for today at 7:00 PM."),
        ("Wake me every night at two.", "Alarm set for every day at 2:00 AM."),
        ("Wake me every night at twelve.", "Alarm set for every day at 12:00 AM."),
        ("Réveille-moi tous les soirs à minuit.", "Alarme réglée : tous les jours à 0 heures."),
        (
            "Réveille-moi toutes les nuits à deux heures.",
            "Alarme réglée : tous les jours à 2 heures.",
        ),
        ("Remind me every day at five.", None),
        (
            "Remind me at eight to take my pills every day.",
            "Every day at 8:00 AM I'll remind you: take my pills.",
        ),
        (
            "Remind me every Tuesday evening to lock up at ten.",
            "Every Tuesday at 10:00 PM I'll remind you: lock up.",
        ),
        (
            "Every night remind me to lock up at eleven.",
            "Every day at 11:00 PM I'll remind you: lock up.",
        ),
        (
            "Rappelle-moi tous les soirs de fermer la porte à dix heures.",
            "Tous les jours à 22 heures je vous rappelle : fermer la porte.",
        ),
        (
            "Remind me at noon to take my daily vitamins.",
            "Tomorrow at 12:00 PM I'll remind you: take my daily vitamins.",
        ),
        (
            "Rappelle-moi demain de préparer le week-end.",
            "Demain à 9 heures je vous rappelle : préparer le week-end.",
        ),
        ("Wake me at nine at weekends.", "Alarm set for Saturdays and Sundays at 9:00 AM."),
        (
            "Remind me every Monday to water the plants.",
            "Every Monday at 9:00 AM I'll remind you: water the plants.",
        ),
        (
            "Every Tuesday evening remind me to lock up.",
            "Every Tuesday at 6:00 PM I'll remind you: lock up.",
        ),
        ("Remind me tonight to lock up.", "Today at 6:00 PM I'll remind you: lock up."),
        (
            "Rappelle-moi ce soir d'arroser les plantes.",
            "Aujourd'hui à 18 heures je vous rappelle : arroser les plantes.",
        ),
        (
            "Remind me tomorrow afternoon to call Mum.",
            "Tomorrow at 3:00 PM I'll remind you: call Mum.",
        ),
        (
            "Remind me every day to take my pills at nine in the evening.",
            "Every day at 9:00 PM I'll remind you: take my pills.",
        ),
        (
            "Remind me to take out the bins on Tuesdays and Fridays at six pm.",
            "Every Tuesday and Friday at 6:00 PM I'll remind you: take out the bins.",
        ),
        (
            "Set a daily reminder to stretch at noon.",
            "Every day at 12:00 PM I'll remind you: stretch.",
        ),
        (
            "Réveille-moi en semaine à sept heures.",
            "Alarme réglée : du lundi au vendredi à 7 heures.",
        ),
        (
            "Mets un réveil tous les matins à six heures et demie.",
            "Alarme réglée : tous les jours à 6 heures 30.",
        ),
        (
            "Réveille-moi à neuf heures tous les week-ends.",
            "Alarme réglée : tous les week-ends à 9 heures.",
        ),
        (
            "Rappelle-moi chaque lundi de sortir les poubelles.",
            "Chaque lundi à 9 heures je vous rappelle : sortir les poubelles.",
        ),
        (
            "Rappelle-moi de prendre mes cachets tous les jours à huit heures.",
            "Tous les jours à 8 heures je vous rappelle : prendre mes cachets.",
        ),
        (
            "Tous les lundis et jeudis à dix-huit heures, rappelle-moi d'arroser les plantes.",
            "Chaque lundi et jeudi à 18 heures je vous rappelle : arroser les plantes.",
        ),
        ("Set an alarm for yesterday.", None),
        ("Remind me of Paris.", None),
        ("What is an alarm?", None),
    ],
)
async def test_they_are_asked_for_in_words(asked: str, said: str | None, tmp_path: Path) -> None:
    assert await _say(await _can(tmp_path), asked) == said


async def test_what_rings_again_is_changed_and_cancelled_by_its_days(tmp_path: Path) -> None:
    can = await _can(tmp_path)
    await _say(can, "Wake me every weekday at seven.")
    await _say(can, "Wake me at nine at weekends.")
    assert await _say(can, "What alarms do I have?") == (
        "The alarm for every weekday at 7:00 AM. The alarm for Saturdays and Sundays at 9:00 AM."
    )
    assert await _say(can, "Cancel the weekday alarm.") == (
        "Cancelled: the alarm for every weekday at 7:00 AM."
    )
    assert await _say(can, "Cancel the alarm on weekends.") == (
        "Cancelled: the alarm for Saturdays and Sundays at 9:00 AM."
    )


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


@pytest.fixture
def in_paris(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def _alarm(folder: Path, now: datetime) -> tuple[TimerBook, ScriptedClock]:
    """For seven on every weekday."""
    clock = ScriptedClock(now.timestamp())
    book = TimerBook(folder / "timers.json", clock.now_s, clock.elapsed_s)
    again = Again((0, 1, 2, 3, 4), 7, 0)
    book.set_alarm(again.after(clock.now_s()), "en", again=again)
    return book, clock


def _next(book: TimerBook) -> str:
    """When the only one rings."""
    (one,) = book.all()
    return datetime.fromtimestamp(one.due_s, NOW.tzinfo).isoformat()


@pytest.mark.usefixtures("in_paris")
def test_what_rings_on_weekdays_does_so_over_a_change_of_the_hour_and_a_restart(
    tmp_path: Path,
) -> None:
    book, clock = _alarm(tmp_path, datetime(2026, 10, 22, 20, tzinfo=NOW.tzinfo))
    rung = []
    for _ in range(8 * 24 * 2):
        clock.pass_s(1800)
        for timer in book.due():
            rung.append(datetime.fromtimestamp(timer.due_s, NOW.tzinfo))
            book.heard(timer)
            book = TimerBook(tmp_path / "timers.json", clock.now_s, clock.elapsed_s)
    assert [f"{one:%a %H:%M}" for one in rung] == [
        "Fri 07:00",
        *("Mon 07:00", "Tue 07:00", "Wed 07:00", "Thu 07:00", "Fri 07:00"),
    ]


@pytest.mark.usefixtures("in_paris")
def test_what_was_missed_rings_once_and_then_at_its_time(tmp_path: Path) -> None:
    book, clock = _alarm(tmp_path, datetime(2026, 11, 29, 20, tzinfo=NOW.tzinfo))
    clock.pass_s(3.5 * 24 * 3600)
    (missed,) = book.due()
    book.heard(missed)
    assert _next(book) == "2026-12-04T07:00:00+01:00"


@pytest.mark.usefixtures("in_paris")
def test_a_clock_that_was_wrong_for_a_while_loses_no_day(tmp_path: Path) -> None:
    book, clock = _alarm(tmp_path, datetime(2026, 11, 29, 20, tzinfo=NOW.tzinfo))
    clock.set_by(365 * 24 * 3600)
    (wrong,) = book.due()
    book.heard(wrong)
    clock.set_by(-365 * 24 * 3600)
    assert _next(book) == "2026-11-30T07:00:00+01:00"


@pytest.mark.parametrize("again", [{"weekdays": [9], "hour": 7, "minute": 0}, {"weekdays": []}, 7])
def test_a_file_with_days_that_are_none_is_put_aside(tmp_path: Path, again: object) -> None:
    _, clock = _alarm(tmp_path, NOW)
    file = tmp_path / "timers.json"
    told = json.loads(file.read_text())
    told["timers"][0]["again"] = again
    file.write_text(json.dumps(told))
    assert not TimerBook(file, clock.now_s, clock.elapsed_s).all()
    assert file.with_suffix(".unreadable").exists()


async def test_an_hour_that_summer_time_leaves_out_is_kept_for_the_days_after(
    tmp_path: Path,
) -> None:
    clock = ScriptedClock(datetime(2027, 3, 27, 22, tzinfo=NOW.tzinfo).timestamp())

    def load() -> tuple[Timers, Repertoire]:
        timers = Timers(Home(LANGUAGES, tmp_path), clock.now_s, clock.elapsed_s, lambda: clock.boot)
        now = partial(datetime.fromtimestamp, tz=NOW.tzinfo)
        return timers, Repertoire([timers], LANGUAGES, lambda: now(clock.now_s()))

    timers, can = await asyncio.to_thread(load)
    await _say(can, "Wake me every day at 2:30 am.")
    (alarm,) = await asyncio.to_thread(timers.book.all)
    assert alarm.again == Again((0, 1, 2, 3, 4, 5, 6), 2, 30)


def test_what_is_cancelled_while_it_rings_does_not_come_back(tmp_path: Path) -> None:
    book, clock = _alarm(tmp_path, NOW)
    clock.pass_s(24 * 3600)
    (ringing,) = book.due()
    book.drop(ringing)
    book.heard(ringing)
    assert not book.all()
