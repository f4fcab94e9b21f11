from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heisenberg.llm.inprocess.pieces import Pieces

STOPS = ("<|im_end|>", "\nUser:")


def _cut(text: str, size: int) -> list[bytes]:
    data = text.encode()
    return [data[at : at + size] for at in range(0, len(data), size)]


def _read(
    tokens: Sequence[bytes], stops: Sequence[str] = STOPS, *, thinking: bool = False
) -> list[str]:
    pieces = Pieces(stops, thinking=thinking)
    given_out = []
    for token in tokens:
        given_out.append(pieces.add(token))
        if pieces.stopped:
            break
    return [*given_out, pieces.end()]


@given(text=st.text(st.characters(exclude_categories=["Cs"])), size=st.integers(1, 9))
def test_text_comes_out_whole_however_its_bytes_are_cut(text: str, size: int) -> None:
    assert "".join(_read(_cut(text, size), stops=())) == text.lstrip()


@pytest.mark.parametrize("size", range(1, 12))
def test_an_emoji_is_never_given_out_in_parts(size: int) -> None:
    for piece in _read(_cut("Été à Montréal 🎉🇫🇷 !", size)):
        assert "\N{REPLACEMENT CHARACTER}" not in piece


def test_plain_words_are_given_out_at_once() -> None:
    pieces = Pieces(STOPS)

    assert [pieces.add(token) for token in (b"Paris", b" is", b" big.")] == [
        "Paris",
        " is",
        " big.",
    ]


def test_an_unfinished_character_at_the_end_is_dropped() -> None:
    assert _read([b"caf", "é".encode()[:1]]) == ["caf", "", ""]


@pytest.mark.parametrize("size", [1, 3, 100])
@pytest.mark.parametrize("stop", STOPS)
def test_a_stop_text_ends_the_reply_and_is_not_given_out(stop: str, size: int) -> None:
    given_out = _read(_cut(f"It is Paris.{stop} and more", size))

    assert "".join(given_out) == "It is Paris."


def test_the_beginning_of_a_stop_text_that_was_none_is_given_out() -> None:
    assert "".join(_read(_cut("a < b <|im_ and", 1))) == "a < b <|im_ and"
    assert "".join(_read(_cut("it ends in <|im_e", 1))) == "it ends in <|im_e"


def test_blanks_before_the_first_word_are_left_out() -> None:
    assert _read([b"\n", b" ", b" Paris", b" is"]) == ["", "", "Paris", " is", ""]


@pytest.mark.parametrize("size", [1, 2, 5, 100])
@pytest.mark.parametrize(
    "thought",
    ["<think>\n\n</think>\n\n", " <think>What? <b>think</b></think>", "<think></think>" * 2],
)
def test_thoughts_are_left_out(thought: str, size: int) -> None:
    assert "".join(_read(_cut(f"{thought}Paris.", size))) == "Paris."


def test_a_thought_that_the_prompt_has_opened_is_left_out() -> None:
    assert "".join(_read(_cut("Hm.</think>\n\nParis.", 2), thinking=True)) == "Paris."


def test_a_thought_without_an_end_is_no_reply() -> None:
    assert "".join(_read(_cut("<think>I wonder, I wonder", 3))) == ""


@pytest.mark.parametrize("text", ["<thing> is a tag", "<t", "5 <think>6</think>"])
def test_only_a_thought_at_the_beginning_is_one(text: str) -> None:
    assert "".join(_read(_cut(text, 1))) == text
