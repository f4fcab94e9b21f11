"""Which words over a reply are a wish to speak, with the phrases that ship with Heisenberg."""

from __future__ import annotations

import pytest

from heisenberg.core.phrases import Phrases


@pytest.mark.parametrize(
    "text",
    ["Wait.", "No, no, no.", "Tell me", "What time", "Can you", "Stop stop", "Actually"],
)
def test_a_wish_to_speak(text: str) -> None:
    assert Phrases.load("en").interrupts(text)


@pytest.mark.parametrize(
    "text",
    ["", "Mhm.", "Over. Over.", "Over? Over? Over? Over?", "M. H. M.", "Yeah. Right.", "Oh, okay."],
)
def test_what_listeners_say_and_what_recognisers_write_for_a_hum(text: str) -> None:
    assert not Phrases.load("en").interrupts(text)
