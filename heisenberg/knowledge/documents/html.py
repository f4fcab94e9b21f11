"""HTML: what a reader of the page would see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag

from heisenberg.knowledge.documents.base import Block, HeadingPath, Section

_UNSEEN: Final = ("script", "style", "template", "noscript", "svg", "iframe", "object", "nav")
_HEADINGS: Final = re.compile("h[1-6]")
_BLOCKS: Final = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_CODE: Final = "pre"
_FENCE: Final = "```"
_LINE_END: Final = "\N{LINE SEPARATOR}"


def sections_of(text: str) -> Sequence[Section]:
    """The sections of a page."""
    page = BeautifulSoup(text, "html.parser")
    title = page.title.get_text() if page.title else ""
    for unseen in page(list(_UNSEEN)):
        unseen.decompose()
    if page.head:
        page.head.decompose()
    for end in page("br"):
        end.replace_with(_LINE_END)
    path = HeadingPath()
    heading = path.enter(1, title)  # until there is a heading of that level
    blocks: list[Block] = []
    found: list[Section] = []
    for element, line, words in _blocks(page):
        if element is not None and _HEADINGS.fullmatch(element.name):
            found.append(Section(heading, blocks))
            blocks = []
            heading = path.enter(int(element.name[1]), words)
        else:
            code = element is not None and element.name == _CODE
            fenced = f"{_FENCE}\n{words}\n{_FENCE}" if code else words
            blocks.append(Block(line, fenced, _FENCE if code else ""))
    found.append(Section(heading, blocks))
    return [section for section in found if section.blocks]


def _blocks(page: BeautifulSoup) -> Iterator[tuple[Tag | None, int, str]]:
    """Each element of a page that stands for itself, its line and its words."""
    begun: list[str] = []
    inside: Tag | None = None
    for part in page.descendants:
        if type(part) is not NavigableString:  # comments and the like are strings of other types
            continue
        around = _block_around(part)
        if around is not inside:
            yield from _ended(inside, begun)
            begun, inside = [], around
        begun.append(str(part))
    yield from _ended(inside, begun)


def _ended(inside: Tag | None, strings: Sequence[str]) -> Iterator[tuple[Tag | None, int, str]]:
    text = "".join(strings)
    if inside is not None and inside.name == _CODE:
        words = text.replace(_LINE_END, "\n").strip("\n")
    else:
        words = "\n".join(" ".join(row.split()) for row in text.split(_LINE_END))
    if words.strip():
        line = inside.sourceline if inside is not None else None
        yield inside, line or 1, words


def _block_around(part: PageElement) -> Tag | None:
    above = part.parent
    while above is not None and above.name not in _BLOCKS:
        above = above.parent
    return above
