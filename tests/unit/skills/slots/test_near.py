"""Which name may be meant by one that was misheard."""

from __future__ import annotations

import pytest

from heisenberg.skills.slots.near import is_near


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("pastor", "pasta"),
        ("the pastor", "The Pasta"),
        ("past a", "pasta"),
        ("rise", "rice"),
        ("Kitchin", "kitchen"),
        ("living rum", "living room"),
        ("pâte", "pâtes"),
        ("call the bang", "call the bank"),
        ("bang", "call the bank"),
    ],
)
def test_what_sounds_nearly_the_same_is_near(asked: str, name: str) -> None:
    assert is_near(asked.removeprefix("the "), name)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("pizza", "pasta"),
        ("egg", "pasta"),
        ("tea", "two"),
        ("call mum", "call home"),
        ("call the dentist", "call the bank"),
        ("chicken", "kitchen"),
        ("", "pasta"),
        ("pasta", ""),
        ("?", "!"),
    ],
)
def test_what_does_not_is_another(asked: str, name: str) -> None:
    assert not is_near(asked, name)
