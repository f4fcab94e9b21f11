"""Text in lines: a file's words, and what belongs together in them."""

from __future__ import annotations

import codecs
import contextlib
import re
from collections.abc import Iterator, Sequence
from typing import Final

from heisenberg.knowledge.documents.base import Block, Unreadable

_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before that of UTF-16, which it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_TEXT: Final = "it is not text"
_WESTERN: Final = "cp1252"
_FEW: Final = 40
"""Letters with accents; of fewer a guess at the encoding is a toss."""
_PLAIN_FOR_EACH: Final = 3
"""Letters without, at least, in a language of Western Europe."""
_LETTER: Final = re.compile(rb"[A-Za-z]")
_SIGN_IN_A_WORD: Final = re.compile(
    r"[^\W\d_][\u00a1-\u00bf\u00d7\u00f7\u2020-\u2022\u2122][^\W\d_]"
)
"""What letters of other languages look like in Western Europe's encoding."""


def decoded(data: bytes) -> str:
    """The text of a file, whatever its encoding. Raises ``Unreadable`` for what is no text."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in data:
        raise Unreadable(_NOT_TEXT)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return _guessed(data)


def _guessed(data: bytes) -> str:
    """Text in one of the encodings from before Unicode, which nothing names."""
    accents = sum(byte >= 0x80 for byte in data)
    if accents < min(_FEW, len(_LETTER.findall(data)) / _PLAIN_FOR_EACH):
        with contextlib.suppress(UnicodeDecodeError):
            text = data.decode(_WESTERN)
            if not _SIGN_IN_A_WORD.search(text):
                return text
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None:
        raise Unreadable(_NOT_TEXT)
    return str(best)


def lines_of(text: str) -> list[str]:
    """The lines of a text as an editor counts them."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def blocks_of(lines: Sequence[str], first_line: int, *, fences: bool = False) -> list[Block]:
    """Paragraphs, each with what is indented below it; with ``fences``, fenced code by itself.

    ``first_line`` is the number of the first of ``lines``.
    """
    found: list[Block] = []
    begun: list[str] = []
    begin = 0

    def end() -> None:
        while begun and not begun[-1].strip():
            begun.pop()
        if begun:
            found.append(Block(first_line + begin, "\n".join(begun)))
            begun.clear()

    after_gap = False
    for index, closing, line in _fenced(lines) if fences else _plain(lines):
        if closing:
            end()
            found.append(Block(first_line + index, line, closing))
        elif not line.strip():
            if begun:
                begun.append("")
        else:
            after_gap = not begun or not begun[-1]
            if after_gap and not line[0].isspace():
                end()
            if not begun:
                begin = index
            begun.append(line)
    end()
    return found


def _plain(lines: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    return ((index, "", line) for index, line in enumerate(lines))


def _fenced(lines: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Each line with its index; fenced code as one, with the fence that closes it."""
    index = 0
    while index < len(lines):
        opening = _FENCE.match(lines[index])
        if opening is None:
            yield index, "", lines[index]
            index += 1
            continue
        fence = opening[1]
        last = next(
            (at for at in range(index + 1, len(lines)) if _closes(lines[at], fence)),
            len(lines) - 1,
        )
        yield index, fence, "\n".join(lines[index : last + 1])
        index = last + 1


def _closes(line: str, fence: str) -> bool:
    bare = line.strip()
    return len(bare) >= len(fence) and set(bare) == {fence[0]}
