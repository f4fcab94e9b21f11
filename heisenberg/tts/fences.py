"""Blocks of code, taken out of a reply while it is being written."""

from __future__ import annotations

from typing import Final

BREAK: Final = "\f"
"""What stands in the text where a block of code was: a paragraph ends here, at once."""

_FENCE_CHARS: Final = 3


class CodeFences:
    """Passes a text on, character by character, without its fenced blocks of code.

    In place of the first block comes ``note``, set off by ``BREAK``; in place of later ones only
    ``BREAK``. A block is dropped as it comes, however long it is; one that is never closed
    reaches to the end.
    """

    def __init__(self, note: str) -> None:
        self._note = note
        self._fence = ""
        """The character of the open fence; empty outside of blocks."""
        self._run = ""
        """Fence characters met at the place where a fence may stand."""
        self._at_line_start = True
        self._in_opening_line = False

    def push(self, char: str) -> str:
        """What becomes of ``char``: some text, often ``char`` itself, or nothing yet."""
        return self._inside(char) if self._fence else self._outside(char)

    def flush(self) -> str:
        """The text still held back at the end."""
        held = "" if self._fence else self._run
        self._run = ""
        return held

    def _outside(self, char: str) -> str:
        if self._at_line_start and char in "`~" and self._run in ("", char, 2 * char):
            self._run += char
            if len(self._run) < _FENCE_CHARS:
                return ""
            self._fence, self._run = char, ""
            self._in_opening_line, self._at_line_start = True, False
            note, self._note = self._note, ""
            return f"{BREAK}{note}{BREAK}" if note else BREAK
        text, self._run = self._run + char, ""
        self._at_line_start = char == "\n" or (self._at_line_start and text in " \t>")
        return text

    def _inside(self, char: str) -> str:
        # A closing fence stands at the start of a line, or ends the opening line itself.
        if char == self._fence and (self._at_line_start or self._in_opening_line):
            self._run += char
            return ""
        closed = len(self._run) >= _FENCE_CHARS and (char.isspace() or self._in_opening_line)
        self._run = ""
        if closed:
            self._fence, self._in_opening_line = "", False
            self._at_line_start = char == "\n"
            return char
        if char == "\n":
            self._in_opening_line, self._at_line_start = False, True
        elif not char.isspace():
            self._at_line_start = False
        return ""
