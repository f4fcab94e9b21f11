"""Bars whose notes the language model chooses, within what a grammar allows.

Only notes of the key are allowed, none twice in a row, nor back and forth; a line begins on its
root, and ends on it, and no bar begins as the one before did. Each note is taken where it is
nearest to the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from heisenberg.core.errors import EngineError
from heisenberg.skills.base import Asker
from heisenberg.skills.melody.scales import Key, name_of, nearest
from heisenberg.skills.melody.styles import PLAIN, REGISTERS, STYLES, Style

Bar = Sequence[tuple[int | None, int]]
"""Notes (``None``: a rest), each with its length in sixteenths."""

_TOKENS_A_NOTE: Final = 4
_TEMPERATURE: Final = 1.0
_OTHER_MODEL: Final = "Choose a model that keeps to grammars, as those in this process do."
_INSTRUCTION: Final = (
    "You are a composer. You write the notes of one bar, each by its name. "
    "The line moves, has a shape, and goes on from what was before."
)


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be written: a bass line or a melody, of so many bars."""

    kind: str
    style: str
    key: Key
    bars: int

    @property
    def rules(self) -> Style:
        return STYLES[self.style]

    def rhythm(self, index: int) -> Sequence[int]:
        """Of the bar with that index."""
        return self.rules.rhythms[index % len(self.rules.rhythms)]


async def compose_bar(line: Line, before: Sequence[Bar], asker: Asker) -> Bar:
    """The bar that follows those ``before``. Raises ``HeisenbergError``."""
    rhythm = line.rhythm(len(before))
    count = sum(length > 0 for length in rhythm)
    written = await asker.write(
        _prompt(line, before, count),
        instruction=_INSTRUCTION,
        grammar=grammar(line, before, count),
        most_tokens=count * _TOKENS_A_NOTE,
        temperature=_TEMPERATURE,
    )
    names = written.split()
    if len(names) != count or not set(names).issubset(line.key.names):
        raise EngineError("The language model wrote something else than notes.", _OTHER_MODEL)
    low, high = REGISTERS[line.kind]
    last = next(reversed(_notes(before)), (low + high) // 2)
    bar: list[tuple[int | None, int]] = []
    for length in rhythm:
        if length > 0:
            last = nearest(names.pop(0), last, low, high)
        bar.append((last if length > 0 else None, abs(length)))
    return bar


def grammar(line: Line, before: Sequence[Bar], count: int) -> str:
    """In llama.cpp's notation: ``count`` names of notes, with a space between two.

    A rule stands for a place, the note there, and the one before it.
    """
    names = list(line.key.names)
    ends = len(before) == line.bars - 1
    begun = name_of(_notes(before[-1:])[0]) if before else ""

    def allowed(place: int, two_back: str, back: str) -> list[str]:
        if (ends and place == count - 1) or (place == 0 and not before):
            return names[:1]
        # The root ends the line, and is none of the two notes before its end.
        choice = names[1:] if ends and place >= count - 3 else names
        taken = {two_back, back, "" if place else begun}
        return [one for one in choice if one not in taken]

    notes = [name_of(note) for note in _notes(before)]
    state = (notes[-2] if len(notes) > 1 else "", notes[-1] if notes else "")
    return "\n".join(_rules(count, state, allowed))


def _rules(
    count: int, start: tuple[str, str], allowed: Callable[[int, str, str], Sequence[str]]
) -> Iterator[str]:
    states = {start}
    for place in range(count):
        nexts: set[tuple[str, str]] = set()
        for two_back, back in sorted(states):
            ways = []
            for one in allowed(place, two_back, back):
                nexts.add((back, one))
                rest = f' " " {_rule(place + 1, back, one)}' if place + 1 < count else ""
                ways.append(f'"{one}"{rest}')
            yield f"{_rule(place, two_back, back)} ::= {' | '.join(ways)}"
        states = nexts


def _rule(place: int, two_back: str, back: str) -> str:
    return f"n{place}-{two_back}-{back}" if place else "root"


def _notes(bars: Sequence[Bar]) -> Sequence[int]:
    return [note for bar in bars for note, _ in bar if note is not None]


def _prompt(line: Line, before: Sequence[Bar], count: int) -> str:
    style = "" if line.style == PLAIN else f"{line.style} "
    earlier = [
        f"Bar {number}: {' '.join(map(name_of, _notes([bar])))}"
        for number, bar in enumerate(before, start=1)
    ]
    ask = (
        f"Write the {count} notes of bar {len(before) + 1} of {line.bars} of a {style}{line.kind} "
        f"line in {line.key.name}."
    )
    return "\n".join([*earlier, ask])
