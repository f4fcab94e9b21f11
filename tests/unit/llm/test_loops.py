"""Replies that never end by themselves."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Iterable

import pytest

from heisenberg.llm.loops import without_loops


async def _pieces(texts: Iterable[str]) -> AsyncGenerator[str, None]:
    for text in texts:
        await asyncio.sleep(0)
        yield text


async def _read(texts: Iterable[str]) -> str:
    return "".join([piece async for piece in without_loops(_pieces(texts))])


@pytest.mark.parametrize(
    "phrase",
    [
        "no ",
        "the sea is the ",
        "I am happy to help you with that. ",
        "One, two, three, four, five, six, seven, eight, nine, ten, and so on until the very end. ",
    ],
)
async def test_a_phrase_without_end_is_ended(phrase: str) -> None:
    said = await _read(itertools.chain(["Well, "], itertools.repeat(phrase)))

    assert said.startswith("Well, ")
    assert 3 <= said.count(phrase) <= 14


@pytest.mark.parametrize("size", [1, 3, 7])
async def test_however_it_is_cut_into_pieces(size: int) -> None:
    text = "So it goes. " * 400
    pieces = (text[at : at + size] for at in range(0, len(text), size))

    assert (await _read(pieces)).count("So it goes.") <= 6


@pytest.mark.parametrize(
    "text",
    [
        "Ha ha ha ha! That is a good one.",
        "Never, never, never give up.",
        "Row, row, row your boat, gently down the stream. Row, row, row your boat, gently down.",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20",
        "",
    ],
)
async def test_what_people_repeat_is_said(text: str) -> None:
    words = [f"{word} " for word in text.split(" ")]

    assert await _read(words) == "".join(words)
