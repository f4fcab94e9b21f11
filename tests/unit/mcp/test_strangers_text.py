"""What another program says is shown, logged and read without harm."""

from __future__ import annotations

import pytest

from heisenberg.mcp.strangers_text import cleaned, one_line


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("two\nlines", "two\nlines"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("a\x00b\x07c\u202ed\u200be\ufffff", "abcdef"),
        ("café — 21 °C", "café — 21 °C"),
        ("  edges \n", "edges"),
    ],
)
def test_only_what_is_seen_is_left(said: str, shown: str) -> None:
    assert cleaned(said, 100) == shown


def test_it_is_no_longer_than_it_may_be() -> None:
    assert cleaned("x" * 10_000_000, 10) == "xxxxxxxxx…"
    assert cleaned("x" * 10, 10) == "x" * 10


def test_lines_become_one_and_secrets_stars() -> None:
    assert one_line("the key\n is   s3cret-key.", 100, ["s3cret-key"]) == "the key is ***."


def test_a_secret_at_the_cut_is_not_told_in_part() -> None:
    assert "s3c" not in one_line("1234567 s3cret-key", 12, ["s3cret-key"])


def test_what_is_too_short_to_be_a_secret_spoils_no_text() -> None:
    assert one_line("a man", 100, ["a"]) == "a man"
