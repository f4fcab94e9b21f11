"""Text as a model writes it, made fit to be spoken: no markup, no emoji, addresses in words."""

from __future__ import annotations

import re
from functools import partial
from typing import Final, TypeAlias

from heisenberg.tts.fences import BREAK, CodeFences
from heisenberg.tts.languages import spoken_language
from heisenberg.tts.symbols import in_words


def speakable(text: str, language: str) -> str:
    """The words of a whole text, on one line; empty when there is nothing to say.

    Markup, emoji and link targets are removed, blocks of code give way to one short note,
    addresses are read out, and lines that are no sentences end in a full stop. Signs and
    abbreviations become words (see ``symbols``). ``language`` is an ISO 639-1 code.
    """
    fences = CodeFences(spoken_language(language).code_note)
    return speakable_clause("".join(map(fences.push, text)) + fences.flush(), language)


def speakable_clause(text: str, language: str) -> str:
    """Like ``speakable``, for a piece of what ``CodeFences`` lets pass.

    A line break at its end says that a sentence, a title or an item of a list is over.
    """
    text = _apply(_MARKUP, text)
    text = _ADDRESS.sub(partial(_read_address, language), text)
    lines = _LINE_BREAK.sub(_join_wrapped, _apply(_INLINE, text)).split("\n")
    spoken = (in_words(line.strip().lstrip(" ,;:"), language) for line in lines)
    text = _apply(_TIDY, " ".join(spoken)).strip()
    return text if any(map(str.isalnum, text)) else ""


_Rules: TypeAlias = tuple[tuple[re.Pattern[str], str], ...]


def _compiled(*rules: tuple[str, str]) -> _Rules:
    return tuple((re.compile(pattern, re.MULTILINE), words) for pattern, words in rules)


def _apply(rules: _Rules, text: str) -> str:
    for pattern, words in rules:
        text = pattern.sub(words, text)
    return text


_TARGET: Final = r"\((?:[^()\n]|\([^()\n]{0,500}\)){0,2000}\)"

# What starts a line becomes a BREAK, so that the line is not read as the end of the last one.
_MARKUP: Final = _compiled(
    (r"\r\n?", "\n"),
    (r"!\[([^\[\]\n]{0,200})\]" + _TARGET, r"\1"),
    (r"\[([^\[\]\n]{0,200})\]" + _TARGET, r"\1"),
    (r"\[\^?\d{1,3}\](?!\w)", ""),
    (r"<((?:https?://|mailto:)[^<>\s]+)>", r"\1"),
    (r"</?[a-zA-Z][a-zA-Z0-9]{0,9}(?:\s[^<>\n]{0,200})?/?>", " "),
    (r"^[ \t]*(?:>[ \t]?)+", BREAK),
    (r"^[ \t]*[-=_*|:+][-=_*|:+ \t]{2,}$", BREAK),
    (r"^[ \t]*#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$", rf"{BREAK}\1{BREAK}"),
    (r"^[ \t]*[-*+•▪◦‣·–][ \t]+(?:\[[ xX]\][ \t]+)?", BREAK),
    (r"^[ \t]*(\d{1,3})[.)][ \t]+(?=\S)", rf"{BREAK}\1, "),
    (r"^[ \t]*\|[ \t]*", BREAK),
    (r"[ \t]*\|[ \t]*$", ""),
    (r"[ \t]+\|[ \t]+", ", "),
)

_INLINE: Final = _compiled(
    # LaTeX, which small models write for arithmetic.
    (r"\\[dt]?frac\{([^{}\n]*)\}\{([^{}\n]*)\}", r"\1/\2"),
    (r"\\sqrt\{([^{}\n]*)\}", r"√\1"),
    (r"\\times\b", "×"),
    (r"\\cdot\b", "·"),
    (r"\\div\b", "÷"),
    (r"\\approx\b", "≈"),
    (r"\\leq?\b", "≤"),
    (r"\\geq?\b", "≥"),
    (r"\\(?:text|boxed|mathrm|mathbf)\{([^{}\n]*)\}", r"\1"),
    (r"\\([\\`*_{}\[\]()#+\-.!|>~$,;])", r"\1"),
    # Emphasis and code spans.
    (r"(?<!\w)[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?!\w)|~~|`+", ""),
    (r"(?<!\S)[:;]-?[()DP](?=[\s.,!?]|$)", ""),
    # Invisible characters, variation selectors and keycaps; then pictures.
    ("[\u00ad\u200b-\u200f\u2060\ufeff\ufe0e\ufe0f\u20e3®™©¿¡]", ""),
    (
        "[\U0001f000-\U0001faff\U000e0020-\U000e007f\u2300-\u23ff\u2460-\u27bf\u2b00-\u2bff"
        "\u21a9\u21aa\u2934\u2935\u3030\u303d\u3297\u3299]+",
        " ",
    ),
    (r"[ \t]{2,}|\t", " "),
)

_LINE_BREAK: Final = re.compile(r"[ \t]*[\n\f]\s*")


def _join_wrapped(match: re.Match[str]) -> str:
    """A blank within a wrapped sentence; elsewhere a line break, and a full stop if need be."""
    start, end = match.span()
    before, gap, after = (
        match.string[max(start - 2, 0) : start],
        match.group(),
        match.string[end : end + 1],
    )
    if not before:
        return ""
    if gap.count("\n") == 1 and BREAK not in gap and after.islower():
        return " "
    ended = before[-1] in ".!?…:;," or (before[-1] in "\"'”’»)" and before[0] in ".!?…")
    return "\n" if ended else ".\n"


_TIDY: Final = _compiled(
    (r"\s+", " "),
    (r" ?(?<![.…])(?:…|\.\.)[.…]*(?= [a-zà-ÿ]|\w)", ", "),
    (r" ?(?:…|\.\.)[.…]*", "."),
    (r" ?—[ —]*| [-–]{1,3}(?: |$)|--+", ", "),
    (r"\( ?\)", ""),
    (r"\( ", "("),
    (r" ([,;:!?)]|\.(?!\w))", r"\1"),
    (r"[,;:][ ,;:]*(?=[,;:.!?])", ""),
    (r"([.!?])[ .]*(?<=\.)(?=\s|$)", r"\1"),
    (r"([!?])[!?]+", r"\1"),
    (r"^(?:[ ,;:!?)\]»–-]|\.(?!\d))+", ""),
    (r"[ (\[«“]+$", ""),
    (r" {2,}", " "),
)

_ADDRESS: Final = re.compile(
    r"(?P<url>(?:https?|ftp)://[^\s<>\"]+|\bwww\.[^\s<>\"]+)"
    r"|(?P<mail>\b[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<name>(?<![\w.@-])\w[\w-]+(?:\.\w[\w-]*){0,8}\.[a-z][a-z0-9]{1,5}\b(?![\w@]))(?:/[^\s<>\"]*)?"
)


def _read_address(language: str, match: re.Match[str]) -> str:
    """A host, an e-mail address or a file name in words; the path of an address is not read."""
    spoken = spoken_language(language)
    address = match.group()
    words = address.rstrip(".,;:!?)]'*_")
    rest = address[len(words) :]
    if match.group("url"):
        host = re.split(r"[/?#]", words.split("://")[-1])[0].rpartition("@")[2].partition(":")[0]
        words = host.lower().removeprefix("www.")
    elif match.group("name"):
        words = match.group("name")
    return words.replace("@", spoken.at).replace(".", spoken.dot) + rest
