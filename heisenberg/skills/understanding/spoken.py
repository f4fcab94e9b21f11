"""How people speak and recognisers write: what stands in a request and changes nothing, what is
written for what was said, and what joins two requests.

The words are in ``prompts/<language>/skills/polite.txt`` and ``slips.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from heisenberg.core.word_lists import listed
from heisenberg.skills.words import read_table

_POLITE: Final = "skills/polite.txt"
_SLIPS: Final = "slips"
_MOST_JOINTS: Final = 4
"""Who says more than that tells a story."""
_NEVER: Final = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is known of that in one language."""

    polite: Sequence[str]
    """What may stand before a request and behind it; with "…" behind it, only before."""
    hesitations: re.Pattern[str]
    heard: Mapping[str, str]
    """What was said, by what is written for it."""
    heard_any: re.Pattern[str]
    opens: Mapping[str, str]
    """What a request begins with in templates, by what else it may begin with."""
    opens_any: re.Pattern[str]
    joints: re.Pattern[str]

    @classmethod
    def load(cls, language: str) -> Self:
        """Blocks to read files. Raises ``ConfigError``."""
        table: Mapping[str, Any] = read_table(language, _SLIPS)
        heard, opens = table.get("heard", {}), table.get("opens", {})
        return cls(
            [line.lower() for line in listed(language, _POLITE)],
            _any_of(table.get("hesitations", ()), r"[\s,]*(?<!\w)(?:{})(?!\w)[,.…]*"),
            heard,
            _any_of(heard, r"(?<!\w)(?:{})(?!\w)", between=r",? "),
            opens,
            _any_of(opens, r"^(?:{})(?!\w)"),
            _any_of(table.get("joints", ()), r"(?:[,.;?!]+|(?<=\s))\s*(?:{})(?!\w)\s*|[.;?!]\s+"),
        )

    def request(self, text: str) -> str:
        """``text`` without hesitation, nor what is polite before and after it; never nothing."""
        return self._without_polite(self.as_said(text))

    def as_said(self, text: str) -> str:
        """``text`` without hesitation alone: a sentence of somebody's own may begin with what is
        polite ("tell me")."""
        text = _plain(text)
        return _plain(self.hesitations.sub(" ", text)) or text

    def mended(self, request: str) -> str:
        """What may have been said, where ``request`` is what was written."""
        text = self.opens_any.sub(lambda found: self.opens[found[0].lower()], request)
        text = self._without_polite(text)
        return self.heard_any.sub(lambda found: self.heard[found[0].lower().replace(",", "")], text)

    def halves(self, text: str) -> Iterator[tuple[str, str]]:
        """What stands before a joint and behind it, for each one; nothing where there are many."""
        found = list(self.joints.finditer(text))
        if len(found) <= _MOST_JOINTS:
            for joint in found:
                yield text[: joint.start()].rstrip(" ,"), text[joint.end() :]

    def _without_polite(self, text: str) -> str:
        changed = True
        while changed:
            changed = False
            for line in self.polite:
                phrase, low = line.rstrip(" …"), text.lower()
                if low.startswith((f"{phrase} ", f"{phrase}, ")):
                    text, changed = text[len(phrase) :].lstrip(" ,"), True
                elif low.endswith(f" {line}"):
                    text, changed = text[: -len(phrase)].rstrip(" ,"), True
        return text


def _plain(text: str) -> str:
    """As templates are written: straight apostrophes, "50%", no sign at the end."""
    words = " ".join(text.replace("’", "'").split())
    return words.replace(" %", "%").strip(' .!?…,;:"«»“”')


def _any_of(
    phrases: Sequence[str] | Mapping[str, str], form: str, between: str = " "
) -> re.Pattern[str]:
    """Never matches where there are no phrases; ``between`` is what may be between two words."""
    if not phrases:
        return _NEVER
    longest_first = sorted(phrases, key=len, reverse=True)
    either = "|".join(between.join(map(re.escape, one.split(" "))) for one in longest_first)
    return re.compile(form.format(either), re.IGNORECASE)
