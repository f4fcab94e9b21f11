"""Melodies, of a model that writes what the grammar lets it."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Sequence
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from heisenberg.audio.base import RATE_HZ, AudioChunk
from heisenberg.core.errors import EngineError
from heisenberg.skills.base import Home
from heisenberg.skills.dialogue.dialogue import Dialogue, Done
from heisenberg.skills.melody.asked import Tune
from heisenberg.skills.melody.composing import Bar, Line, compose_bar
from heisenberg.skills.melody.scales import Key
from heisenberg.skills.melody.skill import Melody
from heisenberg.skills.melody.styles import REGISTERS, STYLES
from heisenberg.skills.melody.tones import tone
from heisenberg.skills.sound import Sound
from heisenberg.tts.delivery import Delivery
from tests.fakes.asker import ScriptedAsker
from tests.fakes.skills import repertoire

LANGUAGES = ("en", "fr")


class _Walker:
    """Writes what ``grammar`` allows, any way through it."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)

    async def __call__(self, _prompt: str, grammar: str) -> str:
        rules = dict(line.split(" ::= ") for line in grammar.splitlines())
        text, rule = "", "root"
        while rule:
            way = self._random.choice(rules[rule].split(" | "))
            text += "".join(re.findall(r'"([^"]*)"', way))
            rule = way.split()[-1] if not way.endswith('"') else ""
        return text


def _asker(seed: int = 1) -> ScriptedAsker:
    return ScriptedAsker(delivery=Delivery(), writes=_Walker(seed))


async def _written(line: Line, seed: int = 1) -> list[Bar]:
    bars: list[Bar] = []
    for _ in range(line.bars):
        bars.append(await compose_bar(line, bars, _asker(seed)))
    return bars


def _notes(bars: Sequence[Bar]) -> list[int]:
    return [note for bar in bars for note, _ in bar if note is not None]


def _hz(chunk: AudioChunk) -> float:
    """The loudest frequency in it."""
    spectrum = np.abs(np.fft.rfft(chunk.pcm, n=RATE_HZ))
    return float(np.argmax(spectrum))


class _Talk:
    """A conversation in a room with ``asker``, and what is heard there."""

    def __init__(self, dialogue: Dialogue, asker: ScriptedAsker) -> None:
        self._dialogue = dialogue
        self.asker = asker

    @classmethod
    async def begin(cls, asker: ScriptedAsker | None = None) -> _Talk:
        home = Home(LANGUAGES, Path())
        skills = await asyncio.to_thread(lambda: (Melody(home), Sound(home)))
        return cls(Dialogue(await repertoire(*skills, languages=LANGUAGES)), asker or _asker())

    async def does(self, text: str) -> Done:
        wish = self._dialogue.find(text)
        assert wish is not None, text
        (done,) = await self._dialogue.act(wish, self.asker)
        self._dialogue.remember(text)
        return done

    async def hears(self, text: str) -> list[AudioChunk]:
        done = await self.does(text)
        (sound,) = done.sounds
        async with aclosing(sound):
            return [chunk async for chunk in sound]


@pytest.mark.parametrize(
    ("said", "language", "line"),
    [
        ("a two-bar funk bass line", "en", Line("bass", "funk", Key(4, "pentatonic"), 2)),
        ("a melody in D minor", "en", Line("melody", "plain", Key(2, "minor"), 2)),
        ("a four bar blues riff", "en", Line("melody", "blues", Key(9, "blues"), 4)),
        ("a short jazz melody", "en", Line("melody", "jazz", Key(2, "dorian"), 2)),
        ("a tune in B flat major", "en", Line("melody", "plain", Key(10, "major"), 2)),
        ("a tune in F# minor", "en", Line("melody", "plain", Key(6, "minor"), 2)),
        ("a baseline in E", "en", Line("bass", "plain", Key(4, "major"), 2)),
        (
            "une ligne de basse funk de deux mesures",
            "fr",
            Line("bass", "funk", Key(4, "pentatonic"), 2),
        ),
        ("une mélodie en ré mineur", "fr", Line("melody", "plain", Key(2, "minor"), 2)),
        ("un air en si bémol majeur", "fr", Line("melody", "plain", Key(10, "major"), 2)),
        ("une petite mélodie de jazz", "fr", Line("melody", "jazz", Key(2, "dorian"), 2)),
    ],
)
def test_what_is_to_be_played_is_understood(said: str, language: str, line: Line) -> None:
    assert Tune.read(said, language).line == line


@pytest.mark.parametrize(
    "said",
    ["some jazz", "the melody of Yesterday", "a tune by the Beatles", "it", "in D minor", "a game"],
)
def test_what_is_somebody_s_is_not_composed(said: str) -> None:
    with pytest.raises(ValueError, match="no tune"):
        Tune.read(said, "en")


@pytest.mark.parametrize("kind", sorted(REGISTERS))
@pytest.mark.parametrize("style", sorted(STYLES))
@pytest.mark.parametrize("seed", range(5))
async def test_the_rules_hold_whatever_a_model_writes(kind: str, style: str, seed: int) -> None:
    key = Key(STYLES[style].root, STYLES[style].mode)
    bars = await _written(Line(kind, style, key, 4), seed)
    notes = _notes(bars)
    low, high = REGISTERS[kind]
    assert {note % 12 for note in (notes[0], notes[-1])} == {key.root}
    assert all(low <= note <= high for note in notes)
    for one, after, then in zip(notes, notes[1:], notes[2:], strict=False):
        assert len({one % 12, after % 12, then % 12}) == 3
        assert abs(one - after) <= 11
    assert all(sum(length for _, length in bar) == 16 for bar in bars)
    begun = [_notes([bar])[0] % 12 for bar in bars]
    assert all(one != after for one, after in pairwise(begun))


async def test_only_notes_of_the_key_are_played() -> None:
    notes = _notes(await _written(Line("melody", "plain", Key(2, "minor"), 8)))
    assert {note % 12 for note in notes} <= {2, 4, 5, 7, 9, 10, 0}  # D E F G A Bb C


async def test_the_model_is_told_what_to_write_and_what_was_before() -> None:
    asker = _asker()
    line = Line("bass", "funk", Key(4, "pentatonic"), 2)
    first = await compose_bar(line, (), asker)
    await compose_bar(line, (first,), asker)
    (one, _), (two, _) = asker.asked
    assert one == "Write the 7 notes of bar 1 of 2 of a funk bass line in E pentatonic."
    assert two.startswith("Bar 1: E ")
    assert two.endswith("Write the 7 notes of bar 2 of 2 of a funk bass line in E pentatonic.")


def test_a_note_sounds_as_high_and_as_long_as_it_is() -> None:
    a4 = tone(69, 0.5)
    assert _hz(a4) == pytest.approx(440, abs=2)
    assert a4.duration_s == 0.5
    assert not tone(None, 0.25).pcm.any()


async def test_a_line_is_played_in_its_time() -> None:
    talk = await _Talk.begin()
    heard = await talk.hears("Play me a two-bar funk bass line.")
    assert sum(chunk.duration_s for chunk in heard) == pytest.approx(2 * 4 * 60 / 104, abs=0.01)


async def test_who_goes_on_hears_it_otherwise() -> None:
    talk = await _Talk.begin()
    first = await talk.hears("Play a melody in D minor.")
    length_s = sum(chunk.duration_s for chunk in first)
    written = len(talk.asker.asked)
    faster = await talk.hears("Faster!")
    assert sum(chunk.duration_s for chunk in faster) == pytest.approx(length_s / 1.25, rel=0.01)
    slower = await talk.hears("a bit slower, please")
    assert sum(chunk.duration_s for chunk in slower) == pytest.approx(length_s, rel=0.01)
    higher = await talk.hears("higher")
    assert [_hz(one) for one in higher] == pytest.approx([2 * _hz(one) for one in first], rel=0.02)
    again = await talk.hears("again")
    assert [_hz(one) for one in again] == [_hz(one) for one in higher]
    assert len(talk.asker.asked) == written
    another = await talk.hears("another one")
    assert [_hz(one) for one in another] != [_hz(one) for one in higher]
    assert len(talk.asker.asked) == 2 * written


async def test_it_goes_no_further_than_can_be_heard() -> None:
    talk = await _Talk.begin()
    await talk.does("Play a melody in D minor.")
    said = [(await talk.does("higher")).text for _ in range(3)]
    assert said == ["Higher.", "Higher.", "It can't go any further that way."]
    said = [(await talk.does("Faster.")).text for _ in range(4)]
    assert said == [*["Faster."] * 3, "It can't go any further that way."]


async def test_the_same_words_are_about_the_voice_where_nothing_was_played() -> None:
    talk = await _Talk.begin()
    assert (await talk.does("Faster!")).skill == "sound"
    await talk.does("Play a melody.")
    assert (await talk.does("Faster!")).skill == "melody"
    assert (await talk.does("Speak faster.")).skill == "sound"
    assert (await talk.does("Faster!")).skill == "sound"


async def test_a_bar_sounds_while_the_next_is_written() -> None:
    walker, gate = _Walker(), asyncio.Event()

    async def slowly(prompt: str, grammar: str) -> str:
        if prompt.startswith("Bar 1:"):
            await gate.wait()
        return await walker(prompt, grammar)

    talk = await _Talk.begin(ScriptedAsker(delivery=Delivery(), writes=slowly))
    (sound,) = (await talk.does("Play a melody.")).sounds
    async with aclosing(sound):
        first = [await anext(sound) for _ in range(5)]
        assert sum(chunk.duration_s for chunk in first) == pytest.approx(4 * 60 / 100, abs=0.01)
        assert len(talk.asker.asked) == 2
        gate.set()
        assert len([chunk async for chunk in sound]) == 5


async def test_who_stops_it_stops_the_writing() -> None:
    walker = _Walker()
    ended: list[bool] = []

    async def never(prompt: str, grammar: str) -> str:
        if not prompt.startswith("Bar 1:"):
            return await walker(prompt, grammar)
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)
        return ""

    talk = await _Talk.begin(ScriptedAsker(delivery=Delivery(), writes=never))
    (sound,) = (await talk.does("Play a melody.")).sounds
    await anext(sound)
    await asyncio.sleep(0)
    await sound.aclose()
    assert ended == [True]


async def test_a_model_that_can_not_is_owned_up_to() -> None:
    async def fails(_prompt: str, _grammar: str) -> str:
        raise EngineError("The language model has failed.")

    talk = await _Talk.begin(ScriptedAsker(delivery=Delivery(), writes=fails))
    done = await talk.does("Play a melody.")
    assert done.text == "I can't compose now. The language model has failed."
    assert not done.sounds


@pytest.mark.parametrize(
    "written", ["", "E G A", "La la la la la la la", "E G E G E G E G E G E G"]
)
async def test_what_is_no_bar_is_not_played(written: str) -> None:
    async def wrongly(_prompt: str, _grammar: str) -> str:
        return written

    talk = await _Talk.begin(ScriptedAsker(delivery=Delivery(), writes=wrongly))
    done = await talk.does("Play me a two-bar funk bass line.")
    assert done.text == "I can't compose now. The language model wrote something else than notes."
    assert not done.sounds


async def test_in_french() -> None:
    talk = await _Talk.begin()
    first = await talk.hears("Joue-moi une mélodie en ré mineur.")
    faster = await talk.hears("Un peu plus vite.")
    assert len(faster) == len(first)
    assert sum(len(one.pcm) for one in faster) < sum(len(one.pcm) for one in first)
    said = [(await talk.does(one)).text for one in ("Plus haut.", "Une autre.", "Rejoue-la.")]
    assert said == ["Plus haut.", "Une autre.", "Encore une fois."]


async def test_one_that_fails_later_leaves_what_there_is() -> None:
    walker = _Walker()

    async def once(prompt: str, grammar: str) -> str:
        if prompt.startswith("Bar 1:"):
            raise EngineError("The language model has failed.")
        return await walker(prompt, grammar)

    talk = await _Talk.begin(ScriptedAsker(delivery=Delivery(), writes=once))
    heard = await talk.hears("Play a four bar melody.")
    assert sum(chunk.duration_s for chunk in heard) == pytest.approx(4 * 60 / 100, abs=0.01)


@pytest.mark.parametrize("bars", ["nine", "zero", "1000"])
async def test_how_long_it_may_be_is_told(bars: str) -> None:
    talk = await _Talk.begin()
    done = await talk.does(f"Play a {bars} bar melody.")
    assert done.text == "I can play one to 8 bars."
    assert not done.sounds


async def test_nothing_is_played_in_writing() -> None:
    talk = await _Talk.begin(ScriptedAsker(writes=_Walker()))
    done = await talk.does("Play a melody.")
    assert done.text == "I can't play here: this is in writing."
    assert not talk.asker.asked
