"""Sums that are asked for in words."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from heisenberg.skills.base import Home
from heisenberg.skills.calculator.skill import Calculator
from heisenberg.skills.repertoire import Repertoire

LANGUAGES = ("en", "fr")


async def _said(text: str) -> str | None:
    skills = [await asyncio.to_thread(Calculator, Home(LANGUAGES, Path()))]
    can = await asyncio.to_thread(Repertoire, skills, LANGUAGES)
    match = can.find(text)
    return None if match is None else await can.run(match)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("What is seventeen times twenty-four?", "408."),
        ("What's 15 percent of 80?", "12."),
        ("What is 20% of 150%?", "30."),
        ("How much is 1,200 minus 350?", "850."),
        ("What is 0.1 plus 0.2?", "0.3."),
        ("What's 2 plus 2 times 2?", "6."),
        ("Calculate (3 + 4) * 5", "35."),
        ("What is two to the power of ten?", "1,024."),
        ("What is the square root of 144?", "12."),
        ("What's the square root of two, please?", "About 1.414214."),
        ("100 divided by 7", "About 14.285714."),
        ("What is 5 minus 12?", "-7."),
        ("What is a million times a million?", None),
        ("What is 123456789 times 987654321?", "121,932,631,112,635,269."),
        ("Combien font douze fois douze ?", "144."),
        ("Combien font 3,5 plus 1,25 ?", "4,75."),
        ("Vingt pour cent de 350", "70."),
        ("Quatre-vingt-dix divisé par quatre", "22,5."),
        ("Combien font la racine carrée de 81 ?", "9."),
    ],
)
async def test_it_computes_exactly(asked: str, said: str | None) -> None:
    assert await _said(asked) == said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("What is ten divided by zero?", "That has no result."),
        ("What is the square root of 2 - 3 * 9 ** 0.25?", "That has no result."),
        ("What is 9 to the power of 9 to the power of 9?", "That is too large a number to say."),
        ("What is 999999999999 times 999999999999?", "That is too large a number to say."),
        ("Combien font cinq divisé par zéro ?", "Ça n'a pas de résultat."),
    ],
)
async def test_what_can_not_be_told_is_said(asked: str, said: str) -> None:
    assert await _said(asked) == said


@pytest.mark.parametrize(
    "asked",
    [
        "What is the capital of France?",
        "seven",
        "What is 12?",
        "What is 5 times",
        "What is 8 9 10?",
        "99 red balloons",
        "What is x plus y?",
        "What is __import__('os')?",
        "((((((((((((",
        "Quelle est la racine du problème ?",
    ],
)
async def test_what_is_no_sum_is_for_the_model(asked: str) -> None:
    assert await _said(asked) is None
