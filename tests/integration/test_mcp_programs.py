"""Tools of programs that are started for them: good ones, and all kinds of bad ones."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from heisenberg.core.config.mcp import McpServerConfig
from tests.fakes.mcp_clients import SOON_S, connected, program, rubbish, said, until, working

AWAY = "I can't reach house at the moment."
WARM = "It is 21 degrees in the hall."
SILENT = "it does not answer"
LOST = "a server of tools can't be reached"


def _told(logs: list[Any], event: str) -> list[Any]:
    return [one for one in logs if one["event"] == event]


async def test_it_learns_nothing_of_the_daemon_and_is_refused_what_it_asks_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HEISENBERG_LLM__API_KEY", "s3cret")
    async with working(program(env={"GIVEN": "x"})) as skill:
        await connected(skill)
        known = set((await said(skill, "environment")).split())
        refused = await said(skill, "secrets")
    assert {"GIVEN", "PATH"} <= known
    assert known <= {"GIVEN", "HOME", "LC_CTYPE", "LOGNAME", "PATH", "SHELL", "TERM", "USER"}
    assert refused == "Sampling not supported; Elicitation not supported; List roots not supported"


async def test_one_that_dies_is_owned_up_to_and_started_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("heisenberg.mcp.connection.PATIENCE_S", SOON_S)
    async with working(program()) as skill:
        await connected(skill)
        assert await said(skill, "dies") == AWAY
        assert await said(skill, "temperature", room="hall") == WARM


async def test_one_that_does_not_come_back_is_owned_up_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heisenberg.mcp.connection.PATIENCE_S", 0.0)
    async with working(program("once", str(tmp_path / "been"))) as skill:
        await connected(skill)
        assert await said(skill, "dies") == AWAY
        assert await said(skill, "heat", room="hall") == AWAY


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (rubbish("hangs"), SILENT),
        (rubbish("deaf"), SILENT),
        (rubbish("ends"), "it has ended"),
        (rubbish("endless"), "it sent more than 4194304 bytes at once"),
        (McpServerConfig(command=("no-such-program",)), "no-such-program can't be started"),
        (McpServerConfig(command=("a\0b",)), "can't be started"),
    ],
)
async def test_one_that_is_no_server_is_told_once_and_nothing_else_suffers(
    config: McpServerConfig, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reason == SILENT:
        monkeypatch.setattr("heisenberg.mcp.connection.CONNECTING_S", 0.05)
    monkeypatch.setattr("heisenberg.mcp.connection.FIRST_PAUSE_S", 0.0)
    monkeypatch.setattr("heisenberg.mcp.transport.ENDING_S", 0.05)
    monkeypatch.setattr("heisenberg.mcp.transport.BYTES_PER_S", float("inf"))
    with capture_logs() as logs:
        async with working(config) as skill:
            await until(lambda: len(_told(logs, LOST)) >= 2)  # it is tried again
            assert skill.actions == ()
    first, second, *_ = _told(logs, LOST)
    assert reason in first["reason"]
    assert (first["log_level"], second["log_level"]) == ("warning", "debug")


async def test_rubbish_among_its_answers_is_passed_over_and_secrets_it_prints_are_not_told() -> (
    None
):
    with capture_logs() as logs:
        async with working(program("rubbish", env={"KEY": "s3cret-key"})) as skill:
            await connected(skill)
            assert await said(skill, "temperature", room="hall") == WARM
    assert len(_told(logs, "a server writes what is no protocol")) == 1
    lines = _told(logs, "a server says")
    assert lines[0]["said"] == "The key is ***."
    assert {one["log_level"] for one in lines} == {"debug"}
    assert len(lines) == 100
    assert "s3cret" not in str(logs)


async def test_one_that_notifies_without_end_is_still_answered_for() -> None:
    async with working(program("notifies")) as skill:
        await connected(skill)
        assert await said(skill, "temperature", room="hall") == WARM


async def test_its_program_has_ended_when_we_have() -> None:
    with capture_logs() as logs:
        async with working(program("tells_id")) as skill:
            await connected(skill)
    process = int(_told(logs, "a server says")[0]["said"])
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
