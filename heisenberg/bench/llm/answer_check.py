"""Whether an answer is right, going by what its question says of right answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from heisenberg.bench.llm.answer_words import numbers_in, place_of, plain_words
from heisenberg.tts.boundaries import Boundary, Word, boundary
from heisenberg.tts.languages import spoken_language


def _is_phrase(text: str) -> str:
    if not plain_words(text, "en"):
        raise ValueError("a phrase needs a letter or a digit")
    return text


Text: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Phrase: TypeAlias = Annotated[str, AfterValidator(_is_phrase)]
"""Words as ``answer_words`` compares them; with ``*`` at its end the last one may go on."""

Value: TypeAlias = str | int | float | bool | None


class Check(BaseModel):
    """What makes an answer right: all that is set here. An empty answer never is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    any: tuple[Phrase, ...] = ()
    """At least one of these is in the answer."""
    all: tuple[Phrase, ...] = ()
    none: tuple[Phrase, ...] = ()
    choice: Annotated[tuple[Phrase, ...], Field(min_length=2)] | None = None
    """The first of these is what the answer chooses: it names it, and none of the others before."""
    number: float | None = None
    """This number is in the answer, in digits or in words."""
    unknown: bool = False
    """The answer says that it does not know."""
    values: Annotated[Mapping[str, Value | tuple[Value, ...]], Field(min_length=1)] | None = Field(
        None, alias="json"
    )
    """The answer is a JSON object with these values; a list holds values of which any will do."""
    at_most_sentences: Annotated[int, Field(ge=1)] | None = None
    spoken: bool = False
    """The answer can be read aloud as it is: no markdown, no list, no code, no emoji."""

    right: tuple[Text, ...] = ()
    """Examples of answers that are right, for whoever reads the check, and to try it."""
    wrong: tuple[Text, ...] = ()

    @property
    def asks_for_nothing(self) -> bool:
        return not self.model_dump(exclude={"right", "wrong"}, exclude_defaults=True)

    def problems(self, answer: str, language: str) -> list[str]:
        """What is wrong with ``answer``, in words; nothing: it is right."""
        if not answer.strip():
            return ["nothing was answered"]
        words = plain_words(answer, language)
        return [
            *self._problems_of_words(words, language),
            *self._problems_of_form(answer, language),
            *_problems_of_values(self.values, answer, language),
        ]

    def misjudged(self, language: str) -> list[str]:
        """The examples that this check takes for what they are not."""
        refused = [text for text in self.right if self.problems(text, language)]
        accepted = [text for text in self.wrong if not self.problems(text, language)]
        return refused + accepted

    def _problems_of_words(self, words: list[str], language: str) -> Iterator[str]:
        def has(phrase: str) -> bool:
            return place_of(phrase, words, language) is not None

        if self.any and not any(map(has, self.any)):
            yield f"it says none of: {', '.join(self.any)}"
        yield from (f"it does not say: {phrase}" for phrase in self.all if not has(phrase))
        yield from (f"it says: {phrase}" for phrase in self.none if has(phrase))
        if self.choice and _chosen(self.choice, words, language) != self.choice[0]:
            yield f"it does not choose: {self.choice[0]}"
        if self.number is not None and self.number not in numbers_in(words):
            yield f"the number {self.number:g} is not in it"
        if self.unknown and not _UNKNOWN.get(language, _UNKNOWN["en"]).search(" ".join(words)):
            yield "it does not say that it does not know"

    def _problems_of_form(self, answer: str, language: str) -> Iterator[str]:
        most = self.at_most_sentences
        if most is not None and (count := sentences(answer, language)) > most:
            yield f"it has {count} sentences"
        if self.spoken and (found := _UNSPEAKABLE.search(answer)):
            yield f"it can't be read aloud: {found.group().strip()!r}"


def sentences(text: str, language: str) -> int:
    """How many sentences ``text`` has, as the voice would cut it; a line of a list is one."""
    spoken = spoken_language(language)
    last, count, end = Word(""), 0, 0
    for found in re.finditer(r"\S+", text):
        gap = text[end : found.start()]
        if end and boundary(last, gap, found.group()[0], spoken) is Boundary.SENTENCE:
            count += 1
            last = Word("")
        last = Word(found.group(), last.text, not end or "\n" in gap)
        end = found.end()
    return count + bool(end)


def _chosen(choice: tuple[str, ...], words: list[str], language: str) -> str | None:
    places = {phrase: place_of(phrase, words, language) for phrase in choice}
    named = {phrase: place for phrase, place in places.items() if place is not None}
    return min(named, key=lambda phrase: named[phrase], default=None)


def _problems_of_values(
    wanted: Mapping[str, Value | tuple[Value, ...]] | None, answer: str, language: str
) -> Iterator[str]:
    if wanted is None:
        return
    try:
        found = json.loads(answer)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        yield "it is no JSON object"
        return
    for key, value in wanted.items():
        allowed = value if isinstance(value, tuple) else (value,)
        if not any(_is_same(found.get(key), one, language) for one in allowed):
            yield f"{key} is {json.dumps(found.get(key), ensure_ascii=False)}"


def _is_same(found: Any, wanted: Value, language: str) -> bool:
    if isinstance(found, str) and isinstance(wanted, str):
        return plain_words(found, language) == plain_words(wanted, language)
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    return bool(found == wanted)


_UNKNOWN: Final[Mapping[str, re.Pattern[str]]] = {
    "en": re.compile(
        r"\b(?:(?:do not|don t|cannot|can t|could not|couldn t|not able to|unable to"
        r"|no way (?:to|of))"
        r" (?:\w+ ){0,2}(?:know\w*|tell\w*|say|see\w*|predict|access|provide|answer|determine|give"
        r"|check|guess|remember|recall|find|browse|be (?:known|predicted))"
        r"|(?:don t|do not) have (?:\w+ ){0,3}(?:access|information|knowledge|ability|capability"
        r"|capabilities|data|way|idea|record|memory|eyes|camera|context)"
        r"|not (?:sure|aware|possible|certain|known)|unknown|impossible|unpredictable"
        r"|(?:nobody|no 1) (?:knows|can|could)|(?:have )?no (?:way|idea|access|information))\b"
    ),
    "fr": re.compile(
        r"\b(?:ne (?:le |l )?(?:sai[st]|savons|connai[st]|vois) pas|(?:j|l) ignore"
        r"|ne (?:peux|peut|pouvons|pourrais) pas (?:\w+ ){0,2}(?:savoir|voir|dire|predire|repondre"
        r"|acceder|connaitre|donner|fournir|deviner|prevoir|consulter|indiquer|determiner"
        r"|etre (?:connu|predit|prevu)\w*|avoir (?:d |de )?(?:acces|information\w*|nouvelles))"
        r"|n ai (?:pas|aucun\w*) (?:\w+ ){0,3}(?:acces|information\w*|idee|moyen|connaissance\w*"
        r"|donnee\w*|memoire|possibilite|capacite|yeux)|ne dispose (?:pas|d aucun\w*)"
        r"|ne suis pas (?:\w+ ){0,2}(?:capable|mesure|sur|sure|certain|au courant)"
        r"|impossible|incapable|pas possible|imprevisibles?|aucune? (?:idee|moyen)"
        r"|(?:personne|nul) ne (?:\w+ )?(?:sait|peut|connait|pourrait)|inconnu\w*)\b"
    ),
}
"""How somebody says that they don't know, in ``plain_words``, to which "one" is a number."""

_UNSPEAKABLE: Final = re.compile(
    r"^\s*(?:[-*+•]|#{1,6}|>|\d{1,2}[.)])\s+\S.*$|\*\*|__|`|^\s*\|.*\|\s*$|\]\(|</?[a-z]+>"
    "|[\U0001f000-\U0001faff\u2600-\u27bf]",
    re.MULTILINE,
)
