"""Signs, units and abbreviations that espeak misreads, written as the words a person would say.

Piper speaks through espeak, which reads ``$5`` as "dollar five", skips the minus of ``2 - 1``,
spells ``5 km`` and takes ``Mr. Smith`` for two sentences; in French it is silent on ``=`` and
``<``. Digits themselves are left to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Final, TypeAlias

from heisenberg.tts.boundaries import leads_to_initial
from heisenberg.tts.languages import spoken_language
from heisenberg.tts.languages.base import SpokenLanguage

_Replacement: TypeAlias = str | Callable[[re.Match[str]], str]
_Rule: TypeAlias = tuple[re.Pattern[str], _Replacement]


def in_words(text: str, language: str) -> str:
    """``text`` (plain, on one line) with its signs and abbreviations as words.

    Nothing is matched across a comma or the end of a sentence, so a text may be cut there first
    and put into words afterwards.
    """
    for pattern, replacement in _rules(language):
        text = pattern.sub(replacement, text)
    return text


_NUMBER: Final = r"\d+(?:[.,]\d+)*"
_SCALE: Final = r"(?:\s(?:thousand|[mbt]r?illions?|milliers|milliards?)\b)"
_TIME_OR_NUMBER: Final = r"\d+(?:[.,:]\d+)*%?"

# The key of a sign, where it stands, and how its words (``@``) are set in.
_BEFORE_AMOUNTS: Final = (
    ("squared", r"\^2\b", " @"),
    ("cubed", r"\^3\b", " @"),
    ("power", r"\^[{(]?(-?\w+)[)}]?", r" @ \1"),
    ("minus", r"(?<=\d)\s[-−]\s(?=\d)|(?<![\w.,:;!?)])[-−](?=\d)", " @ "),
    (
        "range",
        rf"(?<![\w.,:-])(?!\d{{3}}-\d{{4}}\b)({_TIME_OR_NUMBER})\s?[-–]\s?([$€£]?{_TIME_OR_NUMBER})"
        r"(?![\w-])",
        r"\1 @ \2",
    ),
)
_AFTER_AMOUNTS: Final = (
    ("sharp", r"\b([CF])#", r"\1 @"),
    ("number", r"#\s?(?=\d)", "@ "),
    ("divided", r"(?<=[\w)])\s?÷\s?(?=[\w(])|(?<=\d)\s/\s(?=\d)", " @ "),
    ("times", r"(?<=\d)\s?[x×*]\s?(?=\d)|(?<=[\w)])\s[×*·]\s(?=[\w(])", " @ "),
    ("half", r"(?<![\d/])1/2(?![\d/])|½", "@"),
    ("third", r"(?<![\d/])1/3(?![\d/])|⅓", "@"),
    ("two_thirds", r"(?<![\d/])2/3(?![\d/])|⅔", "@"),
    ("quarter", r"(?<![\d/])1/4(?![\d/])|¼", "@"),
    ("three_quarters", r"(?<![\d/])3/4(?![\d/])|¾", "@"),
    ("over", r"(?<![\d/])(?!24/7)(\d+)/(\d+)(?![\d/])", r"\1 @ \2"),
    ("about", r"\s?≈\s?|(?<!\w)~\s?(?=\d)", " @ "),
    ("at_most", r"\s?(?:≤|<=)\s?", " @ "),
    ("at_least", r"\s?(?:≥|>=)\s?", " @ "),
    ("arrow", r"\s?(?:→|⇒|->|=>)\s?", " @ "),
    ("unequal", r"\s?(?:≠|!=)\s?", " @ "),
    ("equal", r"(?<=[\w)])\s?={1,3}\s?(?=[\w(-])", " @ "),
    ("less", r"\s?<\s?(?=\w)", " @ "),
    ("greater", r"\s?>\s?(?=\w)", " @ "),
    ("squared", "²", " @"),
    ("cubed", "³", " @"),
    ("root", r"√\s?(?=\w)", "@ "),
    ("paragraph", r"§\s?(?=\d)", "@ "),
    ("plus_minus", r"\s?±\s?", " @ "),
    ("and", r"\s?&\s?", " @ "),
)


@lru_cache(maxsize=8)
def _rules(language: str) -> tuple[_Rule, ...]:
    spoken = spoken_language(language)
    patterns: tuple[tuple[str, _Replacement], ...] = (
        (r"(?<=\d)[\u00a0\u202f\u2009](?=\d{3}\b)", ""),
        (r"\b(\d{4})-(\d\d)-(\d\d)\b", r"\1 \2 \3"),
        *spoken.abbreviations,
        *_sign_rules(_BEFORE_AMOUNTS, spoken),
        *_currency_rules(spoken),
        _unit_rule(spoken),
        *_sign_rules(_AFTER_AMOUNTS, spoken),
        _initials_rule(spoken),
        (r"\b([A-ZÀ-Ý]\w+\s)(?=[IVX]{2})(X{0,2})(IX|IV|V?I{0,3})\b", _arabic),
        (r"(?<=\w)/(?=\w)", " "),
        (r"[\\_{}\[\]#*~^=<>|/$]+", " "),
    )
    return tuple((re.compile(pattern), replacement) for pattern, replacement in patterns)


def _sign_rules(
    signs: tuple[tuple[str, str, str], ...], spoken: SpokenLanguage
) -> Iterator[tuple[str, str]]:
    for key, pattern, template in signs:
        yield pattern, template.replace("@", spoken.signs[key])


def _currency_rules(spoken: SpokenLanguage) -> Iterator[tuple[str, str]]:
    for sign, one, many, hundredths in spoken.currencies:
        below_one = rf"(?<![\d.,])0[.,]0?([1-9]\d?)(?!\d)(?!{_SCALE})"
        yield rf"{sign}\s?{below_one}", rf"\1 {hundredths}"
        yield rf"{below_one}\s?{sign}", rf"\1 {hundredths}"
        yield rf"{sign}\s?1[.,](\d\d)(?!\d)(?!{_SCALE})", rf"1 {one} \1"
        cents = rf"(\d[\d,]*)[.,](\d\d)(?!\d)(?!{_SCALE})"
        yield rf"{sign}\s?{cents}", rf"\1 {many} \2"
        yield rf"(?<![\d.,]){cents}\s?{sign}", rf"\1 {many} \2"
        yield rf"{sign}\s?1(?![\d.,]*\d)(?!{_SCALE})\b", f"1 {one}"
        yield rf"{sign}\s?({_NUMBER}{_SCALE}?)(?!\w)", rf"\1 {many}"
        yield rf"(?<![\d.,])1\s?{sign}", f"1 {one}"
        yield rf"(?<=\d)\s?{sign}", f" {many}"


def _unit_rule(spoken: SpokenLanguage) -> tuple[str, _Replacement]:
    longest_first = sorted(spoken.units, key=len, reverse=True)
    units = "|".join(re.escape(unit) for unit in longest_first)
    pattern = rf"(?<![\w.,])({_NUMBER})\s?({units})(?![\w²³/°])"
    return pattern, partial(_with_unit, spoken)


def _with_unit(spoken: SpokenLanguage, match: re.Match[str]) -> str:
    number, unit = match.groups()
    name = spoken.units[unit]
    if number == "1":
        # The final s of "Celsius" is no plural.
        name = re.sub(r"(?<!u)s\b", "", name)
    return f"{number} {name}"


def _initials_rule(spoken: SpokenLanguage) -> tuple[str, _Replacement]:
    """Initials and acronyms before a name, whose dots espeak takes for the ends of sentences."""
    name = rf"(?<=\s)(?=[A-ZÀ-Ý])(?!{spoken.openers}\b)"
    return rf"(\b(?:\w{{2,}}|[a-z])\.?\s+)?(?<![\w.])((?:[A-Z]\.\s?)+){name}", partial(
        _without_dots, spoken
    )


def _without_dots(spoken: SpokenLanguage, match: re.Match[str]) -> str:
    before, letters = match.group(1) or "", match.group(2)
    single = letters.count(".") == 1
    # "vitamin C. Oranges ...", "so did I. Berlin ...": these dots do end a sentence.
    leads = leads_to_initial(before.strip(), spoken)
    if single and (not leads or letters.startswith("I.")):
        return match.group()
    return before + " ".join(letters.replace(".", " ").split()) + " "


def _arabic(match: re.Match[str]) -> str:
    """``Louis XIV`` as ``Louis 14``: espeak says "roman fourteen"."""
    before, tens, ones = match.groups()
    units = {"IX": 9, "IV": 4}.get(ones, 5 * ones.count("V") + ones.count("I"))
    return f"{before}{10 * len(tens) + units}"
