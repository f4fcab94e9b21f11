"""Text without headings, and source code, whose definitions are taken for headings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from heisenberg.knowledge.documents.base import Section
from heisenberg.knowledge.documents.lines import blocks_of, lines_of

_DEFINITION: Final = re.compile(
    r"(?:(?:export|default|public|private|protected|internal|static|abstract|final|async|unsafe"
    r"|pub(?:\([a-z]+\))?|data|sealed|open)\s+)*"
    r"(?:def|class|function|func|fun|fn|struct|enum|trait|impl|interface|module|namespace|type)\s+"
    r"(\w+(?:(?:\.|::)\w+)*)"
)


def text_sections(text: str) -> Sequence[Section]:
    """All of it as one section."""
    blocks = blocks_of(lines_of(text), 1)
    return [Section("", blocks)] if blocks else []


def code_sections(text: str) -> Sequence[Section]:
    """A section for each function or class that is not within another one."""
    lines = lines_of(text)
    starts = [(0, "")]
    for index, line in enumerate(lines):
        definition = _DEFINITION.match(line)
        if definition:
            starts.append((_with_what_is_above(lines, index, starts[-1][0]), definition[1]))
    ends = [begin for begin, _ in starts[1:]] + [len(lines)]
    found = [
        Section(name, blocks_of(lines[begin:end], begin + 1))
        for (begin, name), end in zip(starts, ends, strict=True)
    ]
    return [section for section in found if section.blocks]


def _with_what_is_above(lines: Sequence[str], index: int, least: int) -> int:
    """Where a definition begins: with its comment or decorators."""
    while index > least + 1 and lines[index - 1].strip() and not lines[index - 1][0].isspace():
        index -= 1
    return index
