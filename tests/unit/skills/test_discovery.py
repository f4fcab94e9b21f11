"""Which skills there are."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from heisenberg.core.config.skills import SkillsConfig
from heisenberg.core.errors import ConfigError
from heisenberg.skills.discovery import load_repertoire

COIN = """
from heisenberg.skills.base import Action, Call


async def flip(call: Call) -> str:
    return {"fr": "Face."}.get(call.language, "Heads.")


class Coin:
    name = "coin"
    actions = (
        Action("flip", flip, {"en": ["(flip|toss) a coin"], "fr": ["(lance|tire) une pièce"]}),
    )


SKILL = Coin()
"""


def _found(folder: Path, text: str, *off: str) -> str | None:
    can = load_repertoire(SkillsConfig(folder=folder, off=off, data=folder), ("en", "fr"))
    match = can.find(text)
    return None if match is None else match.skill


def test_ours_are_there(tmp_path: Path) -> None:
    assert _found(tmp_path, "What time is it?") == "clock"


def test_a_file_in_the_folder_is_a_skill(tmp_path: Path) -> None:
    (tmp_path / "coin.py").write_text(COIN)
    assert _found(tmp_path, "Toss a coin!") == "coin"
    assert _found(tmp_path, "Lance une pièce, s'il te plaît.") == "coin"


@pytest.mark.parametrize(
    "broken",
    [
        "def flip(:",
        "raise SystemError",
        "import there_is_no_such_module",
        "SKIL = 1",
        "SKILL = 1",
        COIN.replace("(flip|toss)", "(flip|toss"),
        COIN.replace("call: Call", "call: Call, coin: bytes"),
    ],
)
def test_one_that_is_broken_is_left_out_and_told(
    broken: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.py").write_text(broken)
    (tmp_path / "coin.py").write_text(COIN)
    assert _found(tmp_path, "toss a coin") == "coin"
    told = capsys.readouterr()
    assert "broken" in told.out + told.err


async def test_the_one_in_the_readme_works(tmp_path: Path) -> None:
    text = await asyncio.to_thread((Path(__file__).parents[3] / "README.md").read_text)
    (code,) = re.findall(r"### A skill of your own.*?```python\n(.*?)```", text, re.DOTALL)
    await asyncio.to_thread((tmp_path / "coin.py").write_text, code)
    config = SkillsConfig(folder=tmp_path, data=tmp_path)
    can = await asyncio.to_thread(load_repertoire, config, ("en", "fr"))
    for asked, sides in (
        ("Flip a coin!", {"heads", "tails"}),
        ("Could you toss a coin three times, please?", {"heads", "tails"}),
        ("Lance une pièce deux fois.", {"face", "pile"}),
    ):
        match = can.find(asked)
        assert match is not None
        said = (await can.run(match)).lower().split(", ")
        assert set(said) <= sides
        assert len(said) == match.slots.get("times", 1)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        (
            "What can you do?",
            "I can do sums, tell the time and the date, here and elsewhere, ",
            ", coin and answer questions.",
        ),
        (
            "Qu'est-ce que tu sais faire ?",
            "Je sais calculer, dire l'heure et la date, ici et ailleurs, ",
            ", coin et répondre à des questions.",
        ),
    ],
)
async def test_who_asks_is_told_what_there_is(
    asked: str, first: str, last: str, tmp_path: Path
) -> None:
    await asyncio.to_thread((tmp_path / "coin.py").write_text, COIN)
    config = SkillsConfig(folder=tmp_path, data=tmp_path)
    can = await asyncio.to_thread(load_repertoire, config, ("en", "fr"))
    match = can.find(asked)
    assert match is not None
    said = await can.run(match)
    assert said.startswith(first)
    assert said.endswith(last)


def test_one_that_is_not_wanted_is_left_out(tmp_path: Path) -> None:
    assert _found(tmp_path, "What time is it?", "clock") is None
    with pytest.raises(ConfigError, match="no skill 'clcok'"):
        _found(tmp_path, "What time is it?", "clcok")
