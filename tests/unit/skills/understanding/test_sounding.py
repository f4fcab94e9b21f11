"""Words that sound alike are the same, and a request is found by its sound."""

from __future__ import annotations

from typing import Any

import pytest

from heisenberg.core.errors import ConfigError
from heisenberg.skills.understanding.sounding import Sounding
from heisenberg.skills.understanding.templates import Templates


@pytest.fixture(scope="module")
def french() -> Sounding:
    sounding = Sounding.load("fr")
    assert sounding is not None
    return sounding


@pytest.mark.parametrize(
    "alike",
    [
        "mets mais mes met m'est",
        "quel quelle quels quelles",
        "supprime suprime supprimes",
        "rappelle rappele rappel",
        "sept cette cet",
        "crée créer créez",
        "divisé diviser divisez",
        "cent sans sang",
        "vingt vin vins",
        "réveil réveille réveils",
        "mètres mètre maître",
        "saint sain ceint",
        "pâtes pattes",
        "sont son",
    ],
)
def test_words_that_sound_alike_are_the_same(french: Sounding, alike: str) -> None:
    words = alike.replace("m'est", "").split()
    assert len({french.of(word).text for word in words}) == 1


@pytest.mark.parametrize(
    "different",
    ["dix deux douze", "monte baisse", "annule ajoute", "six cinq cent", "pluie plus", "le la les"],
)
def test_and_others_are_not(french: Sounding, different: str) -> None:
    words = different.split()
    assert len({french.of(word).text for word in words}) == len(words)


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("Mais le minuteur de pattes a 50%.", {"name": "pattes", "percent": "50"}),
        ("mets le minuteurs de gratin, à 20 !", {"name": "gratin", "percent": "20"}),
        ("Mes le minuteur d'œufs à vingt-deux", {"name": "œufs", "percent": "vingt-deux"}),
    ],
)
def test_slots_hold_what_was_written(french: Sounding, text: str, slots: dict[str, str]) -> None:
    sentence = "mets le minuteur (de |d'){name} à {percent}[%]"
    templates = Templates("fr", {"do": [sentence]}, {"do": ["name", "percent"]}, french)
    assert slots in [dict(found) for _, found in templates.fitting(text)]


def test_a_language_that_is_spelt_as_it_sounds_has_no_rules() -> None:
    assert Sounding.load("en") is None


@pytest.mark.parametrize("rules", [[("(", "a")], [("a", "\\9")], ["abc"], [("a", 1)], [7]])
def test_a_rule_that_is_none_is_told(rules: Any) -> None:
    with pytest.raises(ConfigError, match="can't be used"):
        Sounding(rules)
