"""A Heisenberg without sound, as a program's developer meets it: the real engines over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from heisenberg.bench.running.daemon import Daemon, running_daemon

pytestmark = [pytest.mark.models, pytest.mark.timeout(240)]

CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "population": {"type": "integer"}},
    "required": ["city", "population"],
}
SPOKEN = {
    "What is the capital of France?": "france",
    "Which language do people speak in Brazil?": "portuguese",
    "Why is the sky blue?": "sky",
    "Tell me a story about an old lighthouse.": "story",
}
MANUAL = """\
# The coffee machine

## Cleaning

Rinse the brewing unit once a week under warm water, without soap.

## Descaling

When the orange lamp blinks, the machine wants to be descaled. That takes twenty minutes.
"""


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_DATA_HOME", str(folder))
        patched.setenv("XDG_RUNTIME_DIR", str(folder))
        store = os.environ.get("HEISENBERG_STORE__DIR", "models")
        patched.setenv("HEISENBERG_STORE__DIR", str(Path(store).absolute()))
        (folder / "manual.md").write_text(MANUAL)
        _add(folder / "manual.md")
        with running_daemon(None, ["--set", "llm.seed=7", "--set", "llm.temperature=0"]) as running:
            yield running


def _add(document: Path) -> None:
    command = [sys.executable, "-m", "heisenberg", "docs", "add", str(document)]
    subprocess.run(command, check=True, capture_output=True)


def _heard(client: openai.OpenAI, text: str) -> str:
    """What the recogniser makes of it when the voice has said it."""
    spoken = client.audio.speech.create(model="tts-1", voice="alloy", input=text)
    file = ("said.mp3", spoken.content)
    return client.audio.transcriptions.create(model="whisper-1", file=file).text.lower()


def test_openais_client_chats_hears_and_speaks(daemon: Daemon) -> None:
    url = f"{daemon.api_url}/v1"
    with openai.OpenAI(base_url=url, api_key="any", max_retries=0) as client:
        question = "What is the capital of France?"
        messages: Any = [{"role": "user", "content": question}]
        done = client.chat.completions.create(model="heisenberg", messages=messages)
        stream = client.chat.completions.create(
            model="heisenberg",
            messages=messages,
            stream=True,
        )
        pieces = [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
        heard = [_heard(client, text) for text in SPOKEN]
        near, same, far = (
            item.embedding
            for item in client.embeddings.create(
                model="any",
                input=["Rinse it weekly.", "Wash it every week.", "Trains leave at noon."],
            ).data
        )

    assert "Paris" in (done.choices[0].message.content or "")
    assert "Paris" in "".join(pieces)
    # The voice says a text each time anew, and now and then unclearly.
    understood = [word in text for (_, word), text in zip(SPOKEN.items(), heard, strict=True)]
    assert sum(understood) >= 3, heard
    likeness = [sum(a * b for a, b in zip(near, other, strict=True)) for other in (same, far)]
    assert likeness[0] > likeness[1] + 0.2


def test_json_by_a_schema_is_json(daemon: Daemon) -> None:
    form: Any = {"type": "json_schema", "json_schema": {"name": "city", "schema": CITY}}
    with openai.OpenAI(base_url=f"{daemon.api_url}/v1", api_key="any") as client:
        done = client.chat.completions.create(
            model="heisenberg",
            messages=[{"role": "user", "content": "Tell me about Lyon."}],
            response_format=form,
        )
    found = json.loads(done.choices[0].message.content or "")

    assert isinstance(found["city"], str)
    assert isinstance(found["population"], int)


def test_a_manual_is_explained_and_named(daemon: Daemon) -> None:
    with httpx2.Client(base_url=daemon.api_url, timeout=60) as client:
        answer = client.post(
            "/api/clippy/dev",
            json={"question": "What does the blinking orange lamp on the machine mean?"},
        ).json()
        unknown = client.post(
            "/api/clippy/dev", json={"question": "Who won the football match on Sunday?"}
        ).json()
        status = client.get("/api/status").json()

    assert "descal" in answer["answer"].lower()
    assert answer["sources"][0]["heading"] == "The coffee machine > Descaling"
    assert unknown["sources"] == []
    assert unknown["answer"].startswith("I don't know")
    assert status["knowledge"]["documents"] == 1


def test_a_client_that_leaves_frees_the_model(daemon: Daemon) -> None:
    with httpx2.Client(base_url=daemon.api_url, timeout=60) as client:
        body = {"message": "Tell me a very long story.", "stream": True, "user_id": "gone"}
        with client.stream("POST", "/api/chat/message", json=body) as response:
            next(response.iter_text())
        began_s = time.monotonic()
        while client.get("/api/models").json()["models"][0]["replies"]:
            assert time.monotonic() - began_s < 20
