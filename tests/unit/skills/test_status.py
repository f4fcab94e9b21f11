"""How the machine is doing, asked for in words."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from heisenberg.machine.vitals import Battery, Vitals
from heisenberg.skills.base import Home
from heisenberg.skills.status import Status
from tests.fakes.clock import ScriptedClock
from tests.fakes.skills import answer, repertoire

LANGUAGES = ("en", "fr")
GIB = 2**30
BARE = Vitals(12, int(5.23 * GIB), int(15.6 * GIB), 119_700_000_000, 1_024_000_000_000)
FULL = replace(BARE, temperature=47.8, battery=Battery(80, is_plugged=False, left_s=7_530))


async def _said(text: str, vitals: Vitals = FULL, ran_s: float = 0.0) -> str | None:
    clock = ScriptedClock()
    home = Home(LANGUAGES, Path())
    status = await asyncio.to_thread(Status, home, lambda: vitals, clock.elapsed_s)
    clock.pass_s(ran_s)
    return await answer(await repertoire(status, languages=LANGUAGES), text)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("How much memory is free?", "5.2 gigabytes of 16 gigabytes of memory are free."),
        ("How much RAM do you have left?", "5.2 gigabytes of 16 gigabytes of memory are free."),
        ("How much disk space is left?", "120 gigabytes of 1 terabyte on the disk are free."),
        ("How full is the disk?", "120 gigabytes of 1 terabyte on the disk are free."),
        ("What's the processor load?", "The processor is 12 percent busy."),
        ("How hot is the machine?", "The processor is at 48 degrees."),
        (
            "How much battery is left?",
            "The battery is at 80 percent and lasts for 2 hours and 5 minutes.",
        ),
        ("Combien de mémoire est libre ?", "Mémoire libre : 5,2 gigaoctets sur 16 gigaoctets."),
        (
            "Combien d'espace reste-t-il sur le disque ?",
            "Espace libre sur le disque : 120 gigaoctets sur 1 téraoctet.",
        ),
        ("Quelle est la charge du processeur ?", "Le processeur est occupé à 12 pour cent."),
        ("Quelle est la température du processeur ?", "Le processeur est à 48 degrés."),
        (
            "Il reste combien de batterie ?",
            "La batterie est à 80 pour cent et tient encore 2 heures et 5 minutes.",
        ),
    ],
)
async def test_each_thing_is_told(asked: str, said: str) -> None:
    assert await _said(asked) == said


async def test_all_of_it_is_told_as_far_as_it_is_there() -> None:
    rest = (
        "The processor is 12 percent busy. 5.2 gigabytes of 16 gigabytes of memory are free. "
        "120 gigabytes of 1 terabyte on the disk are free."
    )
    assert await _said("How is the machine doing?", BARE) == rest
    assert await _said("System status.") == (
        f"{rest} The processor is at 48 degrees. "
        "The battery is at 80 percent and lasts for 2 hours and 5 minutes."
    )
    said = await _said("Comment va la machine ?", BARE)
    assert said is not None
    assert said.startswith("Le processeur est occupé à 12 pour cent. Mémoire libre")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("How hot is the processor?", "This machine does not tell how hot it is."),
        ("Is there a battery?", "This machine has no battery."),
        ("Est-ce qu'il y a une batterie ?", "Cette machine n'a pas de batterie."),
    ],
)
async def test_what_the_machine_has_not_is_said(asked: str, said: str) -> None:
    assert await _said(asked, BARE) == said


@pytest.mark.parametrize(
    ("battery", "said"),
    [
        (
            Battery(100, is_plugged=True),
            "The battery is at 100 percent, and the machine is plugged in.",
        ),
        (Battery(7, is_plugged=False), "The battery is at 7 percent."),
    ],
)
async def test_a_battery_in_any_state(battery: Battery, said: str) -> None:
    assert await _said("What's the battery level?", replace(BARE, battery=battery)) == said


@pytest.mark.parametrize(
    ("ran_s", "said"),
    [
        (12, "I have been running for 12 seconds."),
        (3 * 86_400 + 7_265, "I have been running for 3 days, 2 hours and 1 minute."),
    ],
)
async def test_how_long_it_has_run(ran_s: float, said: str) -> None:
    assert await _said("How long have you been running?", ran_s=ran_s) == said


@pytest.mark.parametrize(
    "asked",
    [
        "How are you doing?",
        "How are you?",
        "How does memory work?",
        "What is a battery made of?",
        "How much space is there in the universe?",
        "I have a bad memory.",
        "How hot is the sun?",
        "How long have you been a vegetarian?",
        "Comment vas-tu ?",
        "Comment fonctionne une batterie ?",
        "J'ai perdu la mémoire.",
    ],
)
async def test_small_talk_is_not_its_business(asked: str) -> None:
    assert await _said(asked) is None
