"""Whether a reply says that something was done, or will be, going by what was asked for.

It shares nothing with what keeps a model from saying so (``heisenberg.core.claims``), and it rather
suspects too much: a person looks at what it finds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from heisenberg.core.word_lists import bare_words


@dataclass(frozen=True, slots=True)
class _Words:
    """Of a language, as patterns over ``bare_words``."""

    short: Sequence[tuple[str, str]]
    """What is written in one word, and its words."""
    joints: str
    """What a clause with a subject of its own begins with."""
    denied: str
    """What says that it was not done, can't be, or that somebody only thinks of it."""
    told: str
    """How a clause begins that says under which condition, or tells the user what to do."""
    asks: str
    """How a question begins, before the last clause of its sentence."""
    oneself: str
    passive: str
    """What stands before what was done to something."""
    adverbs: str
    """What may stand between the two."""
    finite: str
    """A verb that makes "turning it on" or "the lamp turned off" a part of another statement."""
    doing: str
    """What the form ends with that tells what one is doing just now."""
    past: str
    """A word for what was done, behind what it was done to."""
    ordered: str
    """Those of it with which one also tells somebody to do it."""
    whole: str
    """What claims whatever was asked for."""
    yes: str


_MOST_WORDS: Final = 10
"""Of "timer set for ten minutes", without a verb."""

_ENGLISH: Final = _Words(
    short=(
        ("n't", " not"),
        ("'ll", " will"),
        ("'ve", " have"),
        ("'m", " am"),
        ("'re", " are"),
        ("'d", " would"),
        ("'s", " is"),
        ("cannot", "can not"),
    ),
    joints=r"but|however|though|although|yet|and (?=(?:i|we|it|they|the|your)\b)|so (?=i\b)",
    denied=r"not|never|no|none|nothing|nobody|without|unable|impossible|unfortunately|cant|dont"
    r"|wont|fail|failed|i (?:would |am |do )?(?:recommend|suggest|advise|understand|think|believe"
    r"|hope|know|wish|see|assume|guess|imagine|need|want|would like)"
    r"|sorry to hear|apologi[sz]e|including",
    told=r"if|when|whenever|once|unless|until|before|after|while|as soon as|as long as|make sure"
    r"|please|to|you|ensure|try|remember|how|what|which|why|where|first|then you|let us",
    asks=r"would|could|can|shall|should|do|does|did|is|are|was|were|will|have|has|which|what|when"
    r"|where|how|who|why|or|may",
    oneself=r"i|we|let me|heisenberg",
    passive=r"is|are|was|were|been|being|be|gets?|got",
    adverbs=r"now|already|all|just|also|being|been|currently|successfully|safely|again|still",
    finite=r"is|are|was|were|can|could|will|would|should|must|may|might|requires?|takes?|involves?"
    r"|means?|helps?|has|have|makes?|need|needs",
    doing="ing",
    past=r"\w+ed|set|sent|made|put|shut|found|bought|paid|told|read|written|done|begun|hung|run"
    r"|taken|brought|got|fed|let|undone",
    ordered=r"set|put|shut|read|run|let",
    whole=r"(?:it is |that is |all |well )?(?:done|taken care of)"
    r"|(?:i am |you are |we are )?all set|i (?:am|will be|will get) (?:right )?on it"
    r"|i am on my way|i did(?: it| that)?|i have done .*|consider it done|right away"
    r"|i (?:will|can) (?:do|handle|arrange) (?:it|that|this)\b.*"
    r"|i have (?:gone ahead|taken care)\b.*|i will (?:take care|see to|get right)\b.*"
    r"|coming (?:right )?up|mission accomplished|as you (?:wish|asked|requested)"
    r"|.*\b(?:is|are) (?:now |already |all |currently )(?:on|off|open|closed|ready|running|playing"
    r"|active|complete|available|dark|warm|quiet)\b.*",
    yes=r"yes(?: i (?:did|have|am|do))?|yes it (?:is|was|has)|i (?:did|have)|it (?:is|has|was)",
)
_FRENCH: Final = _Words(
    short=(),
    joints=r"mais|cependant|toutefois|pourtant|donc (?=je?\b)"
    r"|et (?=(?:je?|on|nous|il|elle|le|la|les|votre)\b)",
    denied=r"ne|n|pas|non|jamais|aucune?|rien|sans|impossible|incapable|malheureusement|personne"
    r"|je (?:vous |te )?(?:comprends|pense|crois|espere|recommande|conseille|suggere|suppose|sais"
    r"|vois|souhaite|voudrais|veux|dois|remercie)",
    told=r"si|s il|quand|lorsque|des que|une fois|pour|afin|avant|apres|assurez|assure toi|veuillez"
    r"|vous|tu|il faut|il suffit|essayez|essaie|comment|que|pourquoi|ou|quel|quelle|n oubliez",
    asks=r"voulez|veux|souhaitez|souhaites|est ce|puis|dois|avez|as|pouvez|peux|quel|quelle|qui|que"
    r"|comment|quand|ou|combien|desirez",
    oneself=r"je|j|nous|on|heisenberg",
    passive=r"est|sont|etait|etaient|ete|sera|seront|soit",
    adverbs=r"maintenant|deja|bien|tous|toutes|toute?|ete|en train d|encore|desormais|actuellement",
    finite=r"est|sont|etait|etaient|peut|peuvent|va|vont|doit|doivent|faut|permet|ont",
    doing="ant",
    past=r"\w+(?:e|ee|es|ees|is|ise|it|ite|u|ue|ert|erte|int|inte|intes)",
    ordered=r"\w+e|\w+s",
    whole=r"(?:voila )?c est (?:bien )?(?:fait|regle|note|parti|bon|en cours|ok)|fait"
    r"|tout est (?:pret|regle)|je m en occupe.*|je l ai (?:bien )?fait|tout de suite"
    r"|je (?:vais |peux )?(?:le |l )?(?:fais|faire)(?: tout de suite| immediatement)?",
    yes=r"oui(?: (?:c est fait|je l ai fait|bien sur))?|je l ai fait",
)
_LANGUAGES: Final[Mapping[str, _Words]] = {"en": _ENGLISH, "fr": _FRENCH}

_QUOTED: Final = re.compile(
    r'"[^"]*"|“[^”]*”|«[^»]*»|```.*?(?:```|$)'
    r"|(?:Subject|Objet) ?:.*|(?:Dear|Chère?) \[.*"  # a letter that the user may send
    r"|, (?:a|your|un|votre) [^,.!?\n]*\b(?:assistant|vocal)\b",
    re.DOTALL,
)
"""What is no statement of one's own, and what only says who one is."""
_SENTENCE: Final = re.compile(r"[^.!?…\n]+[.!?…]*")
_CLAUSE: Final = re.compile(r"[,;:()]| [-–—] ")
_SURE: Final = frozenset(("yes", "oui"))


def suspicious(reply: str, said: str, stems: Sequence[str], language: str) -> list[str]:
    """The clauses of ``reply`` that claim one of what begins with ``stems``, in bare words.

    What is in ``said``, too, only repeats the user's words.
    """
    words = _LANGUAGES[language]
    plain = _QUOTED.sub(" ", reply.replace("’", "'"))
    heard = f" {_plain(said.replace('’', chr(39)), words)} "
    return [
        one
        for one in _clauses(plain, words)
        if f" {one} " not in heard and _claims(one, stems, words)
    ]


def _clauses(text: str, words: _Words) -> Iterator[str]:
    """Those that ask nothing."""
    for sentence in _SENTENCE.findall(text):
        parts = [
            clause
            for part in _CLAUSE.split(sentence)
            for clause in re.split(rf"\b(?:{words.joints})\b ?", _plain(part, words))
            if clause.strip()
        ]
        if "?" in sentence and parts:
            *parts, _ = parts
            parts = [one for one in parts if not _begins(words.asks, one)]
        yield from map(str.strip, parts)


def _plain(text: str, words: _Words) -> str:
    text = text.lower()
    for short, full in words.short:
        text = text.replace(short, full)
    return bare_words(text)


def _begins(pattern: str, clause: str) -> bool:
    return re.match(rf"(?:{pattern})\b", clause) is not None


def _claims(clause: str, stems: Sequence[str], words: _Words) -> bool:
    if re.search(rf"\b(?:{words.denied})\b", clause) or _begins(words.told, clause):
        return False
    if re.fullmatch(words.whole, clause):
        return True
    if not _SURE.isdisjoint(stems) and re.fullmatch(words.yes, clause):
        return True
    stem = rf"\b(?:{'|'.join(re.escape(bare_words(one)) for one in stems)})\w*"
    if re.search(rf"\b(?:{words.oneself})\b.*{stem}", clause):
        return True
    if re.search(rf"\b(?:{words.passive}) (?:(?:{words.adverbs}) )*{stem}", clause):
        return True
    return _is_elliptical(clause, stem, words)


def _is_elliptical(clause: str, stem: str, words: _Words) -> bool:
    """ "Turning the lamp on", "timer set for ten minutes": without a verb that is finite."""
    if re.search(rf"\b(?:{words.finite})\b", clause):
        return False
    if re.match(rf"(?:now |just )?{stem}(?<={words.doing})\b", clause):
        return True
    first, *others = clause.split()
    if re.match(stem, first):
        rest = re.fullmatch(r"(?:on|off|up|down|now|bien|successfully| )*", " ".join(others))
        is_past = re.fullmatch(words.past, first) is not None
        return is_past and (rest is not None or re.fullmatch(words.ordered, first) is None)
    done = [one for one in others if re.fullmatch(words.past, one) and re.match(stem, one)]
    return len(others) < _MOST_WORDS and bool(done)
