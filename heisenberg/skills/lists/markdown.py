"""The items of a list in Markdown: "- [ ] milk". All else in the text stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_ITEM: Final = re.compile(r"(\s*(?:[-*+]|\d+[.)])\s+)(?:\[([ xX])\]\s+)?(\S.*?)\s*")
_RULE: Final = re.compile(r"\s*(?:[-*_]\s*){3,}")
"""A line across the page, which looks like an item."""
_FENCE: Final = re.compile(r"\s*(?:```|~~~)")
_FRONT_MATTER: Final = "---"
_MARKS: Final = re.compile(r"[*_`]+(?=\S)|(?<=\S)[*_`]+")


@dataclass(frozen=True, slots=True)
class Item:
    """One item, in which line it stands, and whether it is ticked."""

    line: int
    text: str
    is_done: bool

    @property
    def said(self) -> str:
        """Without the signs for bold and the like."""
        return _MARKS.sub("", self.text)


def items_of(text: str) -> Sequence[Item]:
    """In their order. What stands in code or in front matter is no item."""
    return [
        Item(number, found[3], (found[2] or " ") != " ")
        for number, line in _plain_lines(text)
        if (found := _ITEM.fullmatch(line)) and not _RULE.fullmatch(line)
    ]


def with_items(text: str, items: Sequence[str], box: str = "[ ] ") -> str:
    """``items`` behind the last that is there; each has an empty ``box`` before it."""
    lines = text.splitlines(keepends=True)
    end = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    known = items_of(text)
    at = known[-1].line + 1 if known else len(lines)
    if at and not lines[at - 1].endswith(("\n", "\r")):
        lines[at - 1] += end
    return "".join([*lines[:at], *(f"- {box}{item}{end}" for item in items), *lines[at:]])


def without_items(text: str, items: Sequence[Item]) -> str:
    gone = {item.line for item in items}
    lines = text.splitlines(keepends=True)
    return "".join(line for number, line in enumerate(lines) if number not in gone)


def with_tick(text: str, item: Item, *, is_done: bool) -> str:
    """``item`` ticked, or not any more."""
    lines = text.splitlines(keepends=True)
    line = lines[item.line]
    found = _ITEM.match(line)
    if found is None:
        raise ValueError("there is no such item")
    box = "[x] " if is_done else "[ ] "
    lines[item.line] = f"{found[1]}{box}{line[found.start(3) :]}"
    return "".join(lines)


def _plain_lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line with its number, but those of code and front matter."""
    lines = text.splitlines()
    start = 0
    if lines and lines[0].strip() == _FRONT_MATTER and _FRONT_MATTER in lines[1:]:
        start = lines.index(_FRONT_MATTER, 1) + 1
    in_code = False
    for number, line in enumerate(lines[start:], start):
        if _FENCE.match(line):
            in_code = not in_code
        elif not in_code:
            yield number, line
