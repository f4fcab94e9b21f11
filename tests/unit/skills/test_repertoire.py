"""A skill is run, and whatever it does costs no more than that answer."""

from __future__ import annotations

import asyncio

import pytest

from heisenberg.core.errors import SkillError
from tests.fakes.skills import ScriptedSkill, repertoire

ASKED = "switch on the kitchen lamp"


async def _answer(skill: ScriptedSkill, text: str = ASKED, *languages: str) -> str:
    can = await repertoire(skill, languages=languages or ("en",))
    match = can.find(text)
    assert match is not None
    return await can.run(match)


async def test_what_it_says_is_said() -> None:
    skill = ScriptedSkill(" It is on. ")
    assert await _answer(skill) == "It is on."
    assert skill.asked == ["en:kitchen"]


async def test_what_it_can_not_do_is_said_as_it_says_it() -> None:
    assert (
        await _answer(ScriptedSkill(SkillError("There is no such lamp.")))
        == "There is no such lamp."
    )


@pytest.mark.parametrize("result", [RuntimeError("boom"), KeyError("x"), None, "", "  ", 7])
async def test_a_fault_is_owned_up_to(result: object) -> None:
    said = await _answer(ScriptedSkill(result))
    assert said.startswith("That did not work")
    assert "lamps" in said
    assert "boom" not in said


async def test_a_fault_is_told_in_the_language_that_was_spoken() -> None:
    said = await _answer(ScriptedSkill(RuntimeError()), "allume la lampe du salon", "en", "fr")
    assert said.startswith("Ça n'a pas marché")


async def test_one_that_hangs_is_given_up() -> None:
    skill = ScriptedSkill(gate=asyncio.Event(), timeout_s=0.0)
    assert "too long" in await _answer(skill)
    assert not skill.done


async def test_who_interrupts_ends_it() -> None:
    skill = ScriptedSkill(gate=asyncio.Event())
    running = asyncio.create_task(_answer(skill), name="skill")
    await skill.began.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not skill.done
