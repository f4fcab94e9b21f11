from __future__ import annotations

import pytest

from heisenberg.knowledge.base import Passage
from heisenberg.knowledge.embedded_text import embedded_text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("See [the guide](docs/a.md) and ![a picture](b.png).", "See the guide and a picture."),
        ("Use :func:`~flask.run` or :doc:`the shell </shell>`.", "Use flask.run or the shell ."),
        ("**Bold** `code`, https://example.org/a?b=c and more", "Bold code , and more"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a b 1 2"),
        ("2 * 3 and a-b - c", "2 3 and a-b - c"),
    ],
)
def test_words_remain_and_marks_go(text: str, words: str) -> None:
    assert " ".join(embedded_text(Passage("/a", "", 1, text)).split()) == words


def test_the_heading_stands_above() -> None:
    assert embedded_text(Passage("/a", "Install > Linux", 1, "Plug it in.")) == (
        "Install > Linux\nPlug it in."
    )
