"""Amounts in other units, asked for in words."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from heisenberg.skills.base import Home
from heisenberg.skills.units.skill import Units
from tests.fakes.skills import answer, repertoire

LANGUAGES = ("en", "fr")


async def _said(text: str) -> str | None:
    units = await asyncio.to_thread(Units, Home(LANGUAGES, Path()))
    return await answer(await repertoire(units, languages=LANGUAGES), text)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("How many feet are in 3 metres?", "3 metres is about 9.843 feet."),
        ("What's five miles in kilometers?", "5 miles is about 8.047 kilometres."),
        ("How many inches in a foot, please?", "1 foot is 12 inches."),
        ("How many seconds are there in a day?", "1 day is 86,400 seconds."),
        ("two and a half miles in metres", "2.5 miles is 4,023.36 metres."),
        ("Convert a mile and a half to kilometres.", "1.5 miles is about 2.414 kilometres."),
        ("How much is half a litre in millilitres?", "0.5 litres is 500 millilitres."),
        ("How tall is five foot ten in centimetres?", "5 feet 10 inches is 177.8 centimetres."),
        ("Convert 5 pounds and 3 ounces to grams.", "5 pounds 3 ounces is about 2,353 grams."),
        ("1,500 m in km", "1,500 metres is 1.5 kilometres."),
        ("What is one second in milliseconds?", "1 second is 1,000 milliseconds."),
        (
            "How many kilometres are in a light year?",
            "1 light year is about 9,461,000,000,000 kilometres.",
        ),
        ("Combien font 10 pouces en centimètres ?", "10 pouces, c'est 25,4 centimètres."),
        ("Combien d'onces dans une livre ?", "1 livre, c'est 16 onces."),
        ("Un demi-litre en centilitres", "0,5 litre, c'est 50 centilitres."),
        ("Convertis trois pieds en mètres.", "3 pieds, c'est 0,9144 mètre."),
        ("3,5 kilos font combien de grammes ?", "3,5 kilogrammes, c'est 3\u202f500 grammes."),
    ],
)
async def test_they_are_converted_exactly_and_said_as_people_can_follow(
    asked: str, said: str
) -> None:
    assert await _said(asked) == said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            "Convert 20 degrees Celsius to Fahrenheit.",
            "20 degrees Celsius is 68 degrees Fahrenheit.",
        ),
        ("What is 0 °C in kelvin?", "0 degrees Celsius is 273.15 kelvin."),
        ("Convert -40 celsius to fahrenheit", "-40 degrees Celsius is -40 degrees Fahrenheit."),
        (
            "Convert minus ten degrees to fahrenheit",
            "-10 degrees Celsius is 14 degrees Fahrenheit.",
        ),
        ("Convert 70 degrees to Celsius.", "70 degrees Fahrenheit is about 21.11 degrees Celsius."),
        (
            "Convertis 30 degrés Celsius en Fahrenheit.",
            "30 degrés Celsius, c'est 86 degrés Fahrenheit.",
        ),
    ],
)
async def test_temperatures_have_their_own_zero(asked: str, said: str) -> None:
    assert await _said(asked) == said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("How many ounces are in a pound?", "1 pound is 16 ounces."),
        ("How many ounces are in a cup?", "1 US cup is 8 fluid ounces."),
        ("180 degrees in radians", "180 degrees is about 3.142 radians."),
    ],
)
async def test_a_word_for_two_units_is_taken_for_the_one_that_fits(asked: str, said: str) -> None:
    assert await _said(asked) == said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Convert 3 kilograms to metres.", "I can't turn kilograms into metres."),
        ("How many litres are in 5 feet 2 pounds?", "I can't turn feet into litres."),
        ("Convert 3 blorps to metres.", "I don't know the unit blorps."),
        ("Convert 3 metres to blorps.", "I don't know the unit blorps."),
        (
            "Convert minus 300 Celsius to Fahrenheit.",
            "Nothing is that cold: absolute zero is minus 273.15 degrees Celsius.",
        ),
        ("Convert 99999999999999999999 m to km", "That is too large a number to say."),
        ("How many millimetres are in a light year?", "That is too large a number to say."),
        (
            "How many light years are in a millimetre?",
            "1 millimetre is less than a millionth of a light year.",
        ),
        ("Convert minus 3 metres to feet.", "-3 metres is about -9.843 feet."),
        (
            "Convertis trois kilos en mètres.",
            "Je ne peux pas convertir des kilogrammes en mètres.",
        ),
        ("Convertis trois blorps en mètres.", "Je ne connais pas cette unité : blorps."),
    ],
)
async def test_what_can_not_be_is_told(asked: str, said: str) -> None:
    assert await _said(asked) == said


@pytest.mark.parametrize(
    "asked",
    [
        "How many people are in a family?",
        "I ran 5 miles in 40 minutes.",
        "What is three in German?",
        "How many days are in February?",
        "What is a light year?",
        "Convert 3 files to PDF.",
        "What is the speed of light in metres per second?",
        "How many metres are in",
        "metres to feet",
        "The recipe wants 3 cups in total.",
        "J'ai couru pendant une heure trente.",
        "C'est quoi une année-lumière ?",
        "Combien de gens y a-t-il dans une famille ?",
    ],
)
async def test_anything_else_is_for_the_model(asked: str) -> None:
    assert await _said(asked) is None


def test_who_converts_nothing_does_not_pay_for_the_library() -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from heisenberg.skills.base import Home\n"
        "from heisenberg.skills.units.skill import Units\n"
        "Units(Home(('en',), Path()))\n"
        "sys.exit('pint' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
