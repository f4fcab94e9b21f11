"""PDF: the text that is in it; what is only a picture of text is not."""

from __future__ import annotations

import io
from collections.abc import Sequence

from heisenberg.knowledge.documents.base import Section, Unreadable
from heisenberg.knowledge.documents.lines import blocks_of, lines_of


def sections_of(data: bytes) -> Sequence[Section]:
    """One section for each page with text. Raises ``Unreadable``."""
    from pypdf import PdfReader

    try:
        reader = PdfReader(io.BytesIO(data))
        locked = reader.is_encrypted and not reader.decrypt("")
        pages = [] if locked else [page.extract_text() for page in reader.pages]
    except Exception as exc:  # a broken file fails anywhere in pypdf, in any way
        raise Unreadable("it is a broken or encrypted PDF") from exc
    if locked:
        raise Unreadable("it is encrypted with a password")
    found = [
        Section(f"Page {number}", blocks_of(lines_of(text), 1))
        for number, text in enumerate(pages, 1)
        if text.strip()
    ]
    if not found:
        raise Unreadable("it has no text, only pictures")
    return found
