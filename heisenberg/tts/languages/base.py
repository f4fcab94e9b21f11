"""What the text path knows of one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpokenLanguage:
    """Words and habits of a language; patterns are regular expressions, tried in their order."""

    code_note: str
    """What is said in place of a block of code, once a reply."""
    dot: str
    at: str
    """How ``.`` and ``@`` are said in an address."""

    unfinished: frozenset[str]
    """Abbreviations, lower case and with their dots, that never end a sentence."""
    maybe_last: frozenset[str]
    """Those that end one when a capital follows."""
    before_number: frozenset[str]
    """Those that are abbreviations only in front of a number: ``No. 5``."""
    joints: frozenset[str]
    """Conjunctions and prepositions before which a long clause may be cut."""
    leaning: frozenset[str]
    """Words that belong to the next one: nothing is cut after them."""
    openers: str
    """A pattern of words that begin a sentence, to tell ``the U.S. It`` from ``U.S. Army``."""

    abbreviations: tuple[tuple[str, str], ...]
    """Pattern and what is said for it."""
    currencies: tuple[tuple[str, str, str, str], ...]
    """Sign (a pattern), its name for one, for many, for hundredths."""
    units: Mapping[str, str]
    """Unit after a number, and its name for many."""
    signs: Mapping[str, str]
    """What is said for each sign that ``symbols`` knows."""


def words(text: str) -> tuple[str, ...]:
    """The words of a table, written one after the other."""
    return tuple(text.split())
