"""The tools of a server as what Heisenberg can do; the server is real, and reached over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from heisenberg.core.config.mcp import McpConfig, McpServerConfig
from heisenberg.mcp.skill import MOST_RESULT, McpSkill, mcp_skills
from tests.fakes.mcp_clients import ALLOWED, action, connected, over_http, said, working
from tests.fakes.mcp_servers import good_server

WARM = "It is 21 degrees in the hall."


@asynccontextmanager
async def _at_work(**settings: Any) -> AsyncIterator[McpSkill]:
    async with over_http(good_server()) as url:
        config = McpServerConfig(**{"url": url, "allow": ALLOWED, **settings})
        async with working(config) as skill:
            await connected(skill)
            yield skill


def _told(logs: list[Any], event: str) -> list[Any]:
    return [one for one in logs if one["event"] == event]


async def test_its_tools_are_actions_and_answer() -> None:
    async with _at_work() as skill:
        one = action(skill, "temperature")
        assert not one.sentences
        assert not one.pure
        assert one.schema is not None
        assert one.schema["required"] == ["room"]
        assert await said(skill, "temperature", room="hall") == WARM


async def test_a_description_is_cleaned_and_short() -> None:
    async with _at_work() as skill:
        about = action(skill, "temperature").about
    assert about.startswith("The temperature of[31m a room, in degrees. Long.")
    assert len(about) == 300


async def test_nothing_is_offered_that_is_not_allowed_and_the_log_says_what_there_is() -> None:
    with capture_logs() as logs:
        async with _at_work(allow=("heat", "heating", "crooked")) as skill:
            assert [one.name for one in skill.actions] == ["heat"]
    (others,) = _told(logs, "tools that are not allowed")
    assert "temperature" in others["tools"]
    missing, crooked = _told(logs, "a tool is left out")
    assert (missing["tool"], crooked["tool"]) == ("heating", "crooked")
    assert "not that of an object" in crooked["reason"]


@pytest.mark.parametrize(
    ("confirm", "asked_about"),
    [
        ("changes", ["heat"]),
        ("all", ["temperature", "heat"]),
        ("none", []),
        (("temperature",), ["temperature"]),
    ],
)
async def test_what_may_change_something_is_asked_about(
    confirm: Any, asked_about: list[str]
) -> None:
    async with _at_work(allow=("temperature", "heat"), confirm=confirm) as skill:
        assert [one.name for one in skill.actions if one.confirm] == asked_about


async def test_arguments_that_do_not_fit_are_not_sent() -> None:
    async with _at_work() as skill:
        told = await said(skill, "temperature", room="attic")
        assert told == "I can't ask house for that: 'attic' is not one of ['kitchen', 'hall']."
        assert "'room' is a required property" in await said(skill, "temperature")


async def test_what_comes_back_is_text_and_bounded() -> None:
    async with _at_work() as skill:
        told = await said(skill, "long")
        assert "\x07" not in told
        assert 1000 < len(told) <= MOST_RESULT
        assert await said(skill, "picture") == "house has done it, and says nothing."
        assert await said(skill, "untrue") == "Many."


async def test_an_error_of_a_tool_is_said_in_one_line() -> None:
    async with _at_work() as skill:
        problem = "The boiler is out. Call the plumber."
        assert await said(skill, "fails") == f"house says: {problem}"
        assert await said(skill, "fails", "fr") == f"house dit : {problem}"


async def test_one_that_hangs_costs_that_call() -> None:
    async with _at_work(timeout_s=0.01) as skill:
        assert await said(skill, "hangs") == "house did not answer in time."
        assert skill.actions


async def test_who_interrupts_ends_a_call_and_the_next_one_is_answered() -> None:
    async with _at_work() as skill:
        calling = asyncio.create_task(said(skill, "hangs"), name="call")
        await asyncio.sleep(0)
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        assert await said(skill, "temperature", room="hall") == WARM


async def test_a_server_that_is_gone_is_owned_up_to_in_the_language_that_was_spoken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("heisenberg.mcp.connection.PATIENCE_S", 0.0)
    async with _at_work() as skill:
        pass
    away = "Je n'arrive pas à joindre house pour le moment."
    assert await said(skill, "heat", "fr", room="hall") == away


async def test_each_server_that_is_configured_is_a_skill_and_connects_only_at_work() -> None:
    servers = {
        "one": McpServerConfig(url="http://localhost:1/mcp"),
        "two": McpServerConfig(command=("no",)),
    }
    skills = await asyncio.to_thread(mcp_skills, McpConfig(servers=servers), ("en",))
    assert [skill.name for skill in skills] == ["one", "two"]
    assert not any(skill.actions for skill in skills)
