"""Markdown, by CommonMark's rules for headings."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from heisenberg.knowledge.documents.base import HeadingPath, Section
from heisenberg.knowledge.documents.lines import blocks_of, lines_of

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER: Final = "---"


def sections_of(text: str) -> Sequence[Section]:
    """The sections of a Markdown text."""
    from markdown_it import MarkdownIt

    lines = lines_of(text)
    skipped = _front_matter(lines)
    for index in range(skipped):
        lines[index] = ""
    tokens = MarkdownIt("commonmark").parse("\n".join(lines))
    path = HeadingPath()
    found: list[Section] = []
    heading, begin = "", 0

    def end(last: int) -> None:
        found.append(Section(heading, blocks_of(lines[begin:last], begin + 1, fences=True)))

    for token, inline in pairwise(tokens):
        # Within a list or a quotation it is none of the document's own.
        if token.type != "heading_open" or token.level or token.map is None:
            continue
        end(token.map[0])
        heading = path.enter(int(token.tag[1:]), _plain(inline))
        begin = token.map[1]
    end(len(lines))
    return [section for section in found if section.blocks]


def _plain(inline: Token) -> str:
    """A heading without its markup."""
    return "".join(child.content for child in inline.children or ())


def _front_matter(lines: Sequence[str]) -> int:
    """How many lines at the beginning are data about the document."""
    if lines[0].rstrip() != _FRONT_MATTER:
        return 0
    ends = (at for at, line in enumerate(lines) if at and line.rstrip() == _FRONT_MATTER)
    return next(ends, -1) + 1
