"""What people say about themselves and want remembered, and what they were promised, by rule.

A model of half a billion parameters loses names and numbers when it sums a conversation up, and
invents others. What these rules find is kept in the user's own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

MOST_CHARACTERS: Final = 1200
"""Of all facts together, some 300 tokens: about thirty of them."""

_SENTENCE: Final = re.compile(r"[^.!?\n]+(?:[.!?](?=\S)[^.!?\n]*)*[.!?]*")
_QUESTION: Final = re.compile(
    r"(?:what|who|whose|where|when|why|how|which|is|are|was|were|do|does|did|can|could|will|would"
    r"|should|have|has|qu|que|qui|quel(?:le)?s?|où|quand|pourquoi|comment|combien|est-ce)\b",
    re.IGNORECASE,
)
_WISHES: Final = re.compile(
    r"\b(?:remember|don't forget|keep in mind|note that|call me|souviens[- ]toi|rappelle[- ]toi"
    r"|n'oublie pas|retiens|note que|appelle[- ]moi)\b",
    re.IGNORECASE,
)
_OWN: Final = re.compile(
    r"\b(?P<own>(?:my|our) (?:[\w'-]+ ){1,4}?)(?:is|are|was|were|has|have|lives?|works?|leaves?)\b"
    r"|\b(?P<le_sien>(?:mon|ma|mes|notre|nos) (?:[\w'-]+ ){1,4}?)"
    r"(?:s'appelle(?:nt)?|est|sont|était|a|ont|habite(?:nt)?|part(?:ent)?)\b",
    re.IGNORECASE,
)
_SELF: Final = re.compile(
    r"\b(?:i|we|je|j'|nous) ?(?:live|work|have|own|like|love|hate|prefer|need|drive|play|speak"
    r"|study|moved|promised|can't (?:eat|drink)|don't (?:eat|drink|like)|never|always"
    r"|habit\w*|travaill\w*|ai\b|avons|aime\w*|déteste\w*|préfère\w*|m'appelle"
    r"|suis (?:né|allergique|végé))"
    r"|\b(?:i am|i'm|we are|we're|je suis|nous sommes) (?:called|named|from|born|allergic|married"
    r"|vegetarian|vegan|an?|the|une?|\d+)\b",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(
    r"\d|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:january|february|march|april|june|july"
    r"|august|september|october|november|december)\b|\b(?:lundi|mardi|mercredi|jeudi|vendredi|samedi"
    r"|dimanche|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre"
    r"|décembre)\b",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"(?<=[a-zà-ÿ,] )(?!I\b)[A-ZÀ-Ý][\w'-]+")
_STATEMENT: Final = re.compile(
    r"\b(?:is|are|was|were|'s|has|have|will|costs?|called|est|sont|était|ont|sera|coûte)\b",
    re.IGNORECASE,
)
_LONGEST: Final = 160
_PROMISES: Final = (
    (
        re.compile(
            r"\b(?:i'll|i will|i am going to|i'm going to|i promise)\b"
            r".*\b(?:remind|remember|call|wake|tell|let you know|keep|note|set|send|add|check)\b",
            re.IGNORECASE,
        ),
        "You promised: {}",
    ),
    (
        re.compile(
            r"\bje (?:te |t'|vous |le |la |les |l'|en )*(?:promets|(?:rappelle|retiend|appelle"
            r"|réveille|di|garde|note|enver|ajoute|vérifie|préviend)rai)\b"
            r"|\bje vais\b.*\b(?:rappeler|retenir|appeler|réveiller|dire|garder|noter|envoyer"
            r"|ajouter|vérifier|prévenir)\b",
            re.IGNORECASE,
        ),
        "Tu as promis : {}",
    ),
)
"""By language: what an assistant says it will do, and how that is kept."""


def facts_in(text: str) -> list[str]:
    """The sentences of ``text``, what a user said, that state something to be kept."""
    sentences = (" ".join(sentence.split()) for sentence in _SENTENCE.findall(text))
    return [sentence for sentence in sentences if _is_fact(sentence)]


def promises_in(reply: str) -> list[str]:
    """The sentences of ``reply``, what the assistant said, that promise to do something."""
    sentences = (" ".join(sentence.split()) for sentence in _SENTENCE.findall(reply))
    return [
        kept.format(sentence)
        for sentence in sentences
        for promise, kept in _PROMISES
        if len(sentence) <= _LONGEST and not sentence.endswith("?") and promise.search(sentence)
    ]


class Facts:
    """Facts in the order in which they were said; a later one about the same thing replaces the
    earlier one. When there are too many, those go first that are not about the user."""

    def __init__(self, facts: Iterable[str] = ()) -> None:
        self._by_subject: dict[str, str] = {}
        self.add(facts)

    def add(self, facts: Iterable[str]) -> None:
        for fact in facts:
            subject = _subject(fact)
            self._by_subject.pop(subject, None)
            self._by_subject[subject] = fact
        while sum(map(len, self._by_subject.values())) > MOST_CHARACTERS:
            # The oldest of those that matter least.
            del self._by_subject[
                min(self._by_subject, key=lambda one: _weight(self._by_subject[one]))
            ]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_subject.values())


def _weight(fact: str) -> int:
    """What was to be remembered matters more than what is the user's, and that more than others."""
    if _WISHES.search(fact):
        return 2
    return 1 if _OWN.search(fact) or _SELF.search(fact) else 0


def _is_fact(sentence: str) -> bool:
    if len(sentence) > _LONGEST:
        return False
    if _WISHES.search(sentence) or _OWN.search(sentence):
        return not (_QUESTION.match(sentence) and sentence.endswith("?"))
    if _QUESTION.match(sentence) or sentence.endswith("?"):
        return False
    names_something = _NUMBER.search(sentence) or _NAME.search(sentence)
    return bool(_SELF.search(sentence) or (names_something and _STATEMENT.search(sentence)))


def _subject(fact: str) -> str:
    """What the fact is about, where it is about something of the user's; else all of it."""
    own = _OWN.search(fact)
    return (own["own"] or own["le_sien"] if own else fact).strip().lower()
