"""The stopwatch, on a clock that tests move."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from heisenberg.skills.base import Home
from heisenberg.skills.repertoire import Repertoire
from heisenberg.skills.stopwatch import Stopwatch
from tests.fakes.clock import ScriptedClock
from tests.fakes.skills import answer, repertoire

LANGUAGES = ("en", "fr")


async def _can(clock: ScriptedClock) -> Repertoire:
    watch = await asyncio.to_thread(Stopwatch, Home(LANGUAGES, Path()), clock.elapsed_s)
    return await repertoire(watch, languages=LANGUAGES)


async def test_it_counts_stops_and_goes_on() -> None:
    clock = ScriptedClock()
    can = await _can(clock)
    assert await answer(can, "Start the stopwatch.") == "The stopwatch is running."
    clock.pass_s(65)
    assert await answer(can, "How long has the stopwatch been running?") == (
        "1 minute and 5 seconds so far."
    )
    assert await answer(can, "Stop the stopwatch!") == "Stopped at 1 minute and 5 seconds."
    clock.pass_s(600)
    assert await answer(can, "What does the stopwatch say?") == (
        "The stopwatch is stopped at 1 minute and 5 seconds."
    )
    assert await answer(can, "Resume the stopwatch") == (
        "The stopwatch goes on at 1 minute and 5 seconds."
    )
    clock.pass_s(5)
    assert await answer(can, "Reset the stopwatch.") == (
        "Back to zero. It was 1 minute and 10 seconds."
    )
    assert await answer(can, "Pause the stopwatch.") == (
        "The stopwatch has not been started. Say: start the stopwatch."
    )


async def test_laps_are_counted_from_one_another() -> None:
    clock = ScriptedClock()
    can = await _can(clock)
    await answer(can, "Could you start a stopwatch, please?")
    clock.pass_s(31)
    assert await answer(can, "Lap!") == "Lap 1: 31 seconds."
    clock.pass_s(29)
    assert await answer(can, "Take a lap time") == "Lap 2: 29 seconds. In all 1 minute."
    assert await answer(can, "Restart the stopwatch from zero.") == (
        "The stopwatch runs again from zero."
    )
    clock.pass_s(7)
    assert await answer(can, "Lap.") == "Lap 1: 7 seconds."


async def test_who_sets_the_clock_changes_nothing() -> None:
    clock = ScriptedClock()
    can = await _can(clock)
    await answer(can, "Start the stopwatch.")
    clock.pass_s(10)
    clock.set_by(3600)
    assert await answer(can, "Stop the stopwatch.") == "Stopped at 10 seconds."


async def test_what_is_done_already_is_said() -> None:
    clock = ScriptedClock()
    can = await _can(clock)
    assert await answer(can, "Lap!") == (
        "There is no lap: the stopwatch isn't running. Say: start the stopwatch."
    )
    await answer(can, "Start the stopwatch.")
    clock.pass_s(3)
    assert await answer(can, "Start the stopwatch.") == (
        "The stopwatch is running already: 3 seconds."
    )
    await answer(can, "Stop the stopwatch.")
    assert await answer(can, "Stop the stopwatch.") == (
        "The stopwatch is stopped already, at 3 seconds."
    )


async def test_in_french() -> None:
    clock = ScriptedClock()
    can = await _can(clock)
    assert await answer(can, "Lance le chronomètre, s'il te plaît.") == "Le chronomètre tourne."
    clock.pass_s(90)
    assert await answer(can, "Combien indique le chrono ?") == (
        "1 minute et 30 secondes pour l'instant."
    )
    assert await answer(can, "Temps intermédiaire !") == "Tour 1 : 1 minute et 30 secondes."
    assert await answer(can, "Arrête le chrono.") == "Arrêté à 1 minute et 30 secondes."
    assert await answer(can, "Reprends le chronomètre.") == (
        "Le chronomètre reprend à 1 minute et 30 secondes."
    )
    assert await answer(can, "Remets le chronomètre à zéro.") == (
        "Remis à zéro. Il indiquait 1 minute et 30 secondes."
    )


@pytest.mark.parametrize(
    "asked",
    [
        "stop",
        "I bought a stopwatch yesterday.",
        "Who invented the stopwatch?",
        "How long does a lap of Le Mans take?",
        "What is a stopwatch?",
        "Time flies.",
        "Je cherche un chronomètre.",
        "Combien coûte un chronomètre ?",
    ],
)
async def test_who_talks_about_one_is_not_asking_for_it(asked: str) -> None:
    assert await answer(await _can(ScriptedClock()), asked) is None
