"""Sections, cut into passages of a length that a model of sentences takes in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from heisenberg.knowledge.base import Passage
from heisenberg.knowledge.documents.base import Block, Section

MOST_TOKENS: Final = 200
"""Of a passage, by estimate; what a paragraph has more than that is cut off it."""

_TOKEN: Final = re.compile(r"[\u2e80-\uffff]|[^\W\d_]{1,6}|\d{1,3}|[^\w\s]|_")
"""About what a model of sentences takes for one: long words are cut into parts."""
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…;:])\s+")


def passages_of(file: str, sections: Sequence[Section]) -> list[Passage]:
    """The passages of a document: none holds text of two sections."""
    return [
        Passage(file, section.heading, line, text)
        for section in sections
        for line, text in _packed(section.blocks)
    ]


def estimated_tokens(text: str) -> int:
    """How many tokens a model of sentences makes of ``text``, within about a tenth in English."""
    return len(_TOKEN.findall(text))


def _packed(blocks: Sequence[Block]) -> Iterator[tuple[int, str]]:
    """Blocks put together while there is room."""
    begun: list[str] = []
    line, size = 0, 0
    for block in blocks:
        for part in _parts(block):
            tokens = estimated_tokens(part.text)
            if begun and size + tokens > MOST_TOKENS:
                yield line, "\n\n".join(begun)
                begun, size = [], 0
            if not begun:
                line = part.line
            begun.append(part.text)
            size += tokens
    if begun:
        yield line, "\n\n".join(begun)


def _parts(block: Block) -> Iterator[Block]:
    """The block itself, or pieces of it that are short enough; each piece of code is fenced."""
    lines = block.text.split("\n")
    if estimated_tokens(block.text) <= MOST_TOKENS:
        yield block
    elif not block.fence:
        for index, text in _groups(lines):
            yield Block(block.line + index, text)
    else:
        opening, *code = lines
        if code and code[-1].strip().startswith(block.fence):
            code.pop()
        for index, text in _groups(code):
            fenced = f"{opening}\n{text}\n{block.fence}"
            yield Block(block.line + 1 + index, fenced, block.fence)


def _groups(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """As many lines at once as fit, and the index of the first one."""
    begun: list[str] = []
    begin = size = 0
    for index, line in enumerate(lines):
        for part in _cut(line):
            tokens = estimated_tokens(part)
            if begun and size + tokens > MOST_TOKENS:
                yield begin, "\n".join(begun)
                begun, size = [], 0
            if not begun:
                begin = index
            begun.append(part)
            size += tokens
    if any(line.strip() for line in begun):
        yield begin, "\n".join(begun)


def _cut(line: str) -> Iterator[str]:
    """A line, or its sentences, or, of a sentence that is too long, as many words as fit."""
    if estimated_tokens(line) <= MOST_TOKENS:
        yield line
        return
    for sentence in _SENTENCE_END.split(line):
        if estimated_tokens(sentence) <= MOST_TOKENS:
            yield sentence
            continue
        begin = 0
        for count, token in enumerate(_TOKEN.finditer(sentence)):
            if count and count % MOST_TOKENS == 0:
                yield sentence[begin : token.start()]
                begin = token.start()
        yield sentence[begin:]
