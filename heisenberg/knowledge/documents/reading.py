"""Which files are documents, and what is in one of them."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path
from typing import Final

from heisenberg.knowledge.base import Passage
from heisenberg.knowledge.documents import chunking
from heisenberg.knowledge.documents.base import Section, Unreadable
from heisenberg.knowledge.documents.lines import decoded

MOST_BYTES: Final = 10_000_000

_VERSION: Final = b"2"
"""Of how documents are cut into passages and embedded: with another one, all are read again."""


class Kind(Enum):
    """How a file is read."""

    MARKDOWN = "markdown"
    RESTRUCTURED_TEXT = "reStructuredText"
    HTML = "HTML"
    PDF = "PDF"
    TEXT = "text"
    CODE = "source code"


_SUFFIXES: Final = {
    Kind.MARKDOWN: "md markdown mdown mkd",
    Kind.RESTRUCTURED_TEXT: "rst rest",
    Kind.HTML: "html htm xhtml",
    Kind.PDF: "pdf",
    Kind.TEXT: "txt text adoc asciidoc org tex toml yaml yml ini cfg conf",
    Kind.CODE: "py pyi js mjs cjs jsx ts tsx java kt kts c h cc cpp cxx hpp hh cs go rs rb php "
    "swift scala lua pl pm r jl hs ml ex exs erl clj dart zig nim sh bash zsh fish ps1 sql proto "
    "vue svelte css scss",
}
_KINDS: Final = {
    f".{suffix}": kind for kind, suffixes in _SUFFIXES.items() for suffix in suffixes.split()
}
_NAMES: Final = frozenset(
    [
        "readme",
        "license",
        "licence",
        "copying",
        "changelog",
        "changes",
        "contributing",
        "authors",
        "notice",
        "install",
        "news",
        "todo",
        "faq",
        "makefile",
        "dockerfile",
    ]
)
"""Names of text files that usually have no suffix."""


def kind_of(path: Path) -> Kind | None:
    """How a file with this name is read; ``None`` for one that is no document going by it."""
    if path.suffix:
        return _KINDS.get(path.suffix.lower())
    return Kind.TEXT if path.name.lower() in _NAMES else None


def read_bytes(path: Path) -> bytes:
    """What is in a file. Raises ``Unreadable``, also for links, pipes, devices, big files.

    ``path`` must not lead through a link: it is then not where it seems to be.
    """
    try:
        # Neither a link that has taken the file's place is followed, nor a pipe waited for.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise Unreadable("it is no regular file")
            if os.path.realpath(path) != str(path):
                raise Unreadable("a link leads there")
            if status.st_size > MOST_BYTES:
                size = f"{status.st_size / 1e6:.0f} MB"
                raise Unreadable(f"it has {size}, and documents {MOST_BYTES // 10**6} MB at most")
            return file.read(MOST_BYTES + 1)[:MOST_BYTES]
    except OSError as exc:
        raise Unreadable((exc.strerror or str(exc)).lower()) from exc


def digest_of(data: bytes) -> str:
    """What changes when the passages of a document do."""
    return hashlib.sha256(_VERSION + data).hexdigest()


def passages_in(path: Path, data: bytes) -> list[Passage]:
    """The passages of a file, whose name says how it is read; else it is text. What a section has
    twice is one passage.

    Raises ``Unreadable``.
    """
    try:
        sections = _reader(kind_of(path))(data)
    except RecursionError as exc:
        raise Unreadable("it is nested too deeply") from exc
    found = chunking.passages_of(str(path), sections)
    if not found:
        raise Unreadable("it is empty" if not data.strip() else "it has no text")
    once: dict[tuple[str, str], Passage] = {}
    for passage in found:
        once.setdefault((passage.heading, passage.text), passage)
    return list(once.values())


def _reader(kind: Kind | None) -> Callable[[bytes], Sequence[Section]]:
    """Readers and their libraries are imported when there is something for them to read."""
    if kind is Kind.PDF:
        from heisenberg.knowledge.documents.pdf import sections_of as read_pdf

        return read_pdf
    return lambda data: _text_reader(kind)(decoded(data))


def _text_reader(kind: Kind | None) -> Callable[[str], Sequence[Section]]:
    if kind is Kind.MARKDOWN:
        from heisenberg.knowledge.documents.markdown import sections_of as read_markdown

        return read_markdown
    if kind is Kind.RESTRUCTURED_TEXT:
        from heisenberg.knowledge.documents.restructured_text import sections_of as read_rst

        return read_rst
    if kind is Kind.HTML:
        from heisenberg.knowledge.documents.html import sections_of as read_html

        return read_html
    from heisenberg.knowledge.documents.plain import code_sections, text_sections

    return code_sections if kind is Kind.CODE else text_sections
