"""``heisenberg ask`` and ``chat`` beside a running Heisenberg."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from heisenberg.core.errors import EngineError
from heisenberg.service.ask_command import ask_command
from heisenberg.service.remote import forget_command
from tests.fakes.api import Engines, app_of
from tests.fakes.daemon import control_server, short_folder
from tests.fakes.llm import ScriptedLanguageModel


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The user's runtime folder."""
    with short_folder() as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
        monkeypatch.setenv("HOME", str(folder))
        yield folder


@pytest_asyncio.fixture
async def llm(session: Path) -> AsyncIterator[ScriptedLanguageModel]:
    """A daemon runs, with this model."""
    del session
    llm = ScriptedLanguageModel([("It is ", "blue.")])
    app = await app_of(Engines(llm))
    async with control_server(None) as server:
        server.register({**ask_command(app.services), **forget_command(app.forget)})
        yield llm
    await app.services.conversations.aclose()


async def _run(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "heisenberg", *arguments]
    return await asyncio.to_thread(
        subprocess.run,
        command,
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_the_running_heisenberg_answers(llm: ScriptedLanguageModel) -> None:
    ended = await _run("ask", "Which colour has the pump?")

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "It is blue.\n", "")
    assert "The pump is blue." in llm.requests[0].grounds


async def test_what_is_known_of_the_answer_is_one_document(llm: ScriptedLanguageModel) -> None:
    del llm
    ended = await _run("ask", "Which colour has the pump?", "--json")

    answer = json.loads(ended.stdout)
    assert answer["text"] == "It is blue."
    assert (answer["model"], answer["tokens"]) == ("scripted", 2)
    assert answer["sources"][0]["line"] == 7
    assert answer["total_ms"] >= answer["ttft_ms"] > 0


async def test_a_chat_remembers_until_it_is_asked_to_forget(llm: ScriptedLanguageModel) -> None:
    ended = await _run("chat", typed="One?\nTwo?\n\nForget everything.\nThree?\n/bye\nFour?\n")

    assert ended.returncode == 0
    assert ended.stdout.count("It is blue.") == 3
    assert "forgotten" in ended.stdout
    assert [len(one.history) for one in llm.requests] == [0, 1, 0]


async def test_a_model_that_fails_is_told_and_the_chat_goes_on(llm: ScriptedLanguageModel) -> None:
    llm.error = EngineError("The model is tired.", "Let it rest.")
    ended = await _run("chat", typed="One?\nTwo?\n")
    asked = await _run("ask", "One?")

    assert ended.returncode == 0
    assert ended.stderr.count("The model is tired. Let it rest.") == 2
    assert asked.returncode == 1
    assert "The model is tired." in asked.stderr


async def test_who_gives_up_frees_the_model(session: Path) -> None:
    del session
    llm = ScriptedLanguageModel([("one ",) * 10**6])
    app = await app_of(Engines(llm))
    async with control_server(None) as server:
        server.register(ask_command(app.services))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "heisenberg", "ask", "Count", stdout=subprocess.PIPE
        )
        await llm.began.wait()
        assert process.stdout is not None
        assert await process.stdout.readexactly(4) == b"one "
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 130
        llm.replies = [("Free.",)]
        assert (await _run("ask", "Next?")).stdout == "Free.\n"
    await app.services.conversations.aclose()
