"""What of a passage is turned into a vector: its words, without the marks of a notation."""

from __future__ import annotations

import re
from typing import Final

from heisenberg.knowledge.base import Passage

_ROLE: Final = re.compile(r":[\w:+.-]+:`[~!]?([^`<]*)(?:<[^`]*)?`")
_LINK: Final = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)")
_ADDRESS: Final = re.compile(r"https?://\S+")
_RULE: Final = re.compile(r"[-=~^]{3,}")
_MARKS: Final = re.compile(r"[`*|]+")


def embedded_text(passage: Passage) -> str:
    """The words of a passage below its heading, where they mean more."""
    text = _ROLE.sub(r"\1", passage.text)
    text = _LINK.sub(r"\1", text)
    text = _ADDRESS.sub("", text)
    text = _MARKS.sub(" ", _RULE.sub("", text))
    return f"{passage.heading}\n{text}" if passage.heading else text
