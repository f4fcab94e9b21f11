"""Answers on the terminal."""

from __future__ import annotations

import pytest

from heisenberg.cli.answer_line import answer_line


def test_an_answer_that_is_stopped_ends_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt), answer_line() as line:
        line.add("It had to be")
        raise KeyboardInterrupt
    assert capsys.readouterr().out == "It had to be\n"


def test_where_nothing_was_said_there_is_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    with answer_line():
        pass
    assert capsys.readouterr().out == ""
