"""reStructuredText. What it would include or run is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from heisenberg.knowledge.documents.base import HeadingPath, Section, Unreadable
from heisenberg.knowledge.documents.lines import blocks_of, lines_of

_SETTINGS: Final[dict[str, Any]] = {
    "_disable_config": True,
    "doctitle_xform": False,
    "file_insertion_enabled": False,
    "halt_level": 5,
    "line_length_limit": 1 << 30,
    "raw_enabled": False,
    "report_level": 5,
    "syntax_highlight": "none",
    "warning_stream": False,
}
"""Nothing is read but the text itself, and what docutils does not know (Sphinx's) is no error."""


def sections_of(text: str) -> Sequence[Section]:
    """The sections of a reStructuredText. Raises ``Unreadable``."""
    lines = lines_of(text)
    path = HeadingPath()
    found: list[Section] = []
    heading, begin = "", 0

    def end(last: int) -> None:
        found.append(Section(heading, blocks_of(lines[begin:last], begin + 1)))

    for level, title, underline in _titles("\n".join(lines)):
        end(_first_line(lines, underline))
        heading, begin = path.enter(level, title), underline + 1
    end(len(lines))
    return [section for section in found if section.blocks]


def _titles(text: str) -> list[tuple[int, str, int]]:
    """The level, the words and the underline's index of every title, from top to bottom."""
    from docutils import nodes
    from docutils.core import publish_doctree

    try:
        tree = publish_doctree(text, settings_overrides=_SETTINGS)
    except Exception as exc:
        raise Unreadable(f"it is no reStructuredText: {str(exc).partition(chr(10))[0]}") from exc
    found = []
    for section in tree.findall(nodes.section):
        title = section.next_node(nodes.title)
        level, above = 0, section.parent
        while above is not None:
            level, above = level + 1, above.parent
        if title is not None and section.line is not None:
            found.append((level, title.astext(), section.line - 1))
    return found


def _first_line(lines: Sequence[str], underline: int) -> int:
    """The index where a title begins: a line before its words, if it has an overline."""
    above = underline - 2
    overlined = above >= 0 and lines[above].strip() and lines[above] == lines[underline]
    return above if overlined else underline - 1
