"""The HTTP API over a real socket, with scripted engines."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
import soundfile

from heisenberg.audio.base import RATE_HZ
from heisenberg.core.errors import EngineError, KnowledgeError
from heisenberg.skills.timers.book import TimerBook
from tests.fakes.api import Engines, Serving, serving, switchable
from tests.fakes.clock import ScriptedClock
from tests.fakes.documents import GUIDE, ScriptedKnowledge
from tests.fakes.llm import ScriptedLanguageModel
from tests.fakes.skills import ScriptedSkill, repertoire
from tests.fakes.stt import ScriptedStt
from tests.fakes.trigger import ScriptedRoom
from tests.fakes.tts import ScriptedTts

PUMP = "Which colour has the pump?"


async def _ask(api: Serving, message: str, **more: Any) -> dict[str, Any]:
    response = await api.client.post("/api/chat/message", json={"message": message, **more})
    answer: dict[str, Any] = response.json()
    return answer


def _wav(seconds: float = 1.0) -> bytes:
    out = io.BytesIO()
    tone = np.sin(np.arange(round(seconds * RATE_HZ)) / 5) * 0.3
    soundfile.write(out, tone, RATE_HZ, format="WAV", subtype="PCM_16")
    return out.getvalue()


async def _events(response: httpx2.Response) -> list[tuple[str, Any]]:
    """Server-Sent Events: name and data."""
    found = []
    name = ""
    async for line in response.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            data = line.removeprefix("data: ")
            found.append((name, json.loads(data) if data != "[DONE]" else data))
    return found


# ------------------------------------------------------------------ conversations


async def test_a_conversation_remembers_each_of_its_users() -> None:
    llm = ScriptedLanguageModel([("Hello", " Ada."), ("Paris.",)])
    async with serving(Engines(llm)) as api:
        first = await _ask(api, "I am Ada.", user_id="ada")
        await _ask(api, "Hi", user_id="bea")
        await _ask(api, "And?", user_id="ada")

    assert first["response"] == "Hello Ada."
    assert first["success"]
    assert first["model"] == "scripted"
    assert first["device"] == "server"
    assert first["intent"] == "chat"
    assert first["processing_time_ms"] >= 0
    assert llm.requests[1].history == ()
    assert llm.requests[2].history == (("I am Ada.", "Hello Ada."),)


async def test_an_answer_comes_piece_by_piece_and_then_as_a_whole() -> None:
    async with (
        serving(Engines(ScriptedLanguageModel([("It ", "is ", "blue.")]))) as api,
        api.client.stream(
            "POST", "/api/chat/message", json={"message": PUMP, "stream": True}
        ) as response,
    ):
        events = await _events(response)

    assert [data["text"] for name, data in events if name == "token"] == ["It ", "is ", "blue."]
    name, done = events[-1]
    assert name == "done"
    assert done["response"] == "It is blue."
    assert done["sources"][0]["file"] == GUIDE


async def test_what_a_skill_does_is_its_answer_and_its_intent() -> None:
    skill = ScriptedSkill("The lamp is on.")
    llm = ScriptedLanguageModel([("Yes.",)])
    async with serving(Engines(llm, skills=await repertoire(skill))) as api:
        done = await _ask(api, "Please switch on the kitchen lamp.")
        assert (done["intent"], done["response"]) == ("lamps", "The lamp is on.")
        assert not llm.requests
        asked = await _ask(api, "Did you switch it on?")
        assert asked["intent"] == "chat"
    assert llm.requests[-1].history == (("Please switch on the kitchen lamp.", "The lamp is on."),)


async def test_timers_are_set_listed_and_cancelled(tmp_path: Path) -> None:
    clock = ScriptedClock()
    book = TimerBook(tmp_path / "timers.json", clock.now_s, clock.elapsed_s)
    async with serving(Engines(timers=book)) as api:
        await api.client.post("/api/timers", json={"seconds": 600, "name": "pasta"})
        await api.client.post("/api/timers", json={"seconds": 60})
        clock.pass_s(20)
        timers = (await api.client.get("/api/timers")).json()["timers"]
        assert [(one["name"], one["left_s"]) for one in timers] == [("", 40.0), ("pasta", 580.0)]
        left = await api.client.post("/api/timers/cancel", json={"id": timers[0]["id"]})
        assert [one["name"] for one in left.json()["timers"]] == ["pasta"]
        again = await api.client.post("/api/timers/cancel", json={"id": timers[0]["id"]})
        assert again.status_code == 400
        assert "There is no timer" in again.json()["error"]["message"]
        for refused in ({"seconds": 0}, {"seconds": -5}, {"seconds": 10**9}, {"name": "egg"}):
            assert (await api.client.post("/api/timers", json=refused)).status_code == 422
    async with serving(Engines()) as api:
        assert (await api.client.get("/api/timers")).status_code == 503


async def test_an_answer_that_fails_in_its_middle_says_so() -> None:
    llm = ScriptedLanguageModel([("It ", "is ")], error=EngineError("It broke.", "Mend it."))
    async with (
        serving(Engines(llm)) as api,
        api.client.stream(
            "POST", "/api/chat/message", json={"message": "Hm?", "stream": True}
        ) as response,
    ):
        events = await _events(response)

    assert events[-1] == (
        "error",
        {
            "success": False,
            "error": {"code": "engine", "message": "It broke.", "hint": "Mend it."},
        },
    )


async def test_who_leaves_stops_the_writing() -> None:
    gate = asyncio.Event()
    llm = ScriptedLanguageModel([("one ", "two ", "three")], gates={1: gate})
    async with serving(Engines(llm)) as api:
        async with api.client.stream(
            "POST", "/api/chat/message", json={"message": "Count", "stream": True}
        ) as response:
            assert "one" in await anext(aiter(response.aiter_text()))
        # The next question is answered although nobody opens the gate of the first.
        llm.replies = [("Four.",)]
        assert (await _ask(api, "Next?"))["response"] == "Four."


async def test_who_leaves_without_waiting_for_the_whole_answer_stops_it_too() -> None:
    llm = ScriptedLanguageModel([("one ", "two")], gates={1: asyncio.Event()})
    async with serving(Engines(llm)) as api:
        asking = asyncio.create_task(_ask(api, "Count"))
        await llm.began.wait()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        llm.replies = [("Four.",)]
        assert (await _ask(api, "Next?"))["response"] == "Four."


async def test_several_messages_are_answered_in_their_order() -> None:
    llm = ScriptedLanguageModel([("One.",), ("Two.",)])
    async with serving(Engines(llm)) as api:
        messages = [{"message": "First?"}, {"message": "Second?"}]
        response = await api.client.post("/api/chat/batch", json={"messages": messages})

    assert [one["response"] for one in response.json()["replies"]] == ["One.", "Two."]
    assert llm.requests[1].history == (("First?", "One."),)


# ------------------------------------------------------------------ documents


async def test_a_question_about_documents_is_answered_from_them_and_names_them() -> None:
    llm = ScriptedLanguageModel([("Blue.",)])
    async with serving(Engines(llm)) as api:
        response = await api.client.post("/api/clippy/dev", json={"question": PUMP})

    assert response.json() == {
        "success": True,
        "answer": "Blue.",
        "sources": [{"file": GUIDE, "heading": "Guide > Pumps", "line": 7, "score": 0.9}],
        "model": "scripted",
        "processing_time_ms": response.json()["processing_time_ms"],
    }
    assert "The pump is blue." in llm.requests[0].grounds
    assert llm.requests[0].prompt == PUMP


async def test_what_the_documents_do_not_say_is_not_made_up() -> None:
    llm = ScriptedLanguageModel([("Green, I guess.",)])
    async with serving(Engines(llm)) as api:
        response = await api.client.post(
            "/api/clippy/dev", json={"question": "Which colour has the roof?"}
        )
        assert llm.requests == []
        chat = await api.client.post(
            "/api/clippy/dev", json={"question": "Which colour has the roof?", "mode": "chat"}
        )

    assert response.json()["answer"].startswith("I don't know")
    assert response.json()["sources"] == []
    assert chat.json()["answer"] == "Green, I guess."


async def test_no_more_of_the_documents_is_read_than_was_asked_for() -> None:
    long = " ".join(f"word{number}" for number in range(500))
    llm = ScriptedLanguageModel([("Yes.",)])
    async with serving(Engines(llm, knowledge=ScriptedKnowledge({"pump": [long]}))) as api:
        for size in (0, 50):
            await api.client.post("/api/clippy/dev", json={"question": PUMP, "context_size": size})

    assert llm.requests[0].grounds == ""
    assert "word5 " in llm.requests[1].grounds
    assert "word60" not in llm.requests[1].grounds


async def test_questions_about_the_same_documents_follow_each_other() -> None:
    knowledge = ScriptedKnowledge({"pump": ["The pump is blue."], "roof": ["The roof is red."]})
    llm = ScriptedLanguageModel([("Yes.",)])
    questions = ["Is the pump blue?", "Is the roof red?", "Is the pump new?"]
    async with serving(Engines(llm, knowledge=knowledge)) as api:
        response = await api.client.post("/api/clippy/batch", json={"questions": questions})

    asked = [one.prompt for one in llm.requests]
    assert sorted(asked) == sorted(questions)
    assert abs(asked.index(questions[0]) - asked.index(questions[2])) == 1
    headings = [one["sources"][0]["heading"] for one in response.json()["replies"]]
    assert len(headings) == 3


async def test_a_repeated_question_costs_the_model_nothing() -> None:
    llm = ScriptedLanguageModel([("Blue.",)])
    async with serving(Engines(llm, cached=True)) as api:
        asked = (PUMP, "which colour has the pump", "Please tell me which colour has the pump.")
        answers = [
            (await api.client.post("/api/clippy/dev", json={"question": one})).json()["answer"]
            for one in asked
        ]

    assert answers == ["Blue."] * 3
    assert len(llm.requests) == 1


async def test_documents_are_listed_and_searched() -> None:
    async with serving() as api:
        listed = await api.client.get("/api/documents")
        found = await api.client.get("/api/documents/search", params={"q": "pump"})
        nothing = await api.client.get("/api/documents/search", params={"q": "roof"})

    assert listed.json() == {"documents": [{"path": GUIDE, "passages": 1}]}
    assert found.json()["hits"][0]["text"] == "The pump is blue."
    assert nothing.json() == {"hits": []}


async def test_without_documents_that_is_said() -> None:
    async with serving(Engines(knowledge=None)) as api:
        answers = [
            await api.client.post("/api/clippy/dev", json={"question": PUMP}),
            await api.client.get("/api/documents"),
            await api.client.post("/v1/embeddings", json={"model": "any", "input": "text"}),
        ]

    assert [answer.status_code for answer in answers] == [503] * 3
    assert answers[0].json()["error"]["code"] == "unavailable"


async def test_a_conversation_goes_on_where_documents_fail() -> None:
    knowledge = ScriptedKnowledge({})
    knowledge.error = KnowledgeError("The index is damaged.", "Add the documents again.")
    async with serving(Engines(knowledge=knowledge)) as api:
        answer = await _ask(api, PUMP)
        asked = await api.client.post("/api/clippy/dev", json={"question": PUMP})

    assert answer["response"] == "Yes."
    assert asked.status_code == 503
    assert asked.json()["error"]["message"] == "The index is damaged."


# ------------------------------------------------------------------ the room


async def test_the_room_does_what_it_is_asked() -> None:
    room = ScriptedRoom()
    async with serving(Engines(room=room)) as api:
        states = []
        for command in ("press", "stop", "mute", "unmute", "down", "up"):
            response = await api.client.post("/api/control", json={"command": command})
            states.append((response.json()["state"], response.json()["muted"]))

    assert room.done == ["tap", "cancel", "press", "release"]
    assert states == [
        ("LISTENING", False),
        ("IDLE", False),
        ("IDLE", True),
        ("IDLE", False),
        ("LISTENING", False),
        ("IDLE", False),
    ]


async def test_without_sound_there_is_no_room() -> None:
    async with serving(Engines(room=None)) as api:
        refused = await api.client.post("/api/control", json={"command": "press"})
        status = (await api.client.get("/api/status")).json()

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "no_audio"
    assert (status["audio"], status["state"], status["muted"]) == (False, None, None)


async def test_a_status_tells_how_everything_is() -> None:
    async with serving() as api:
        status = (await api.client.get("/api/status")).json()

    assert status["state"] == "IDLE"
    assert status["model"]["name"] == "scripted"
    assert status["knowledge"] == {"documents": 1, "passages": 1}
    assert status["memory"]["pressure"] in ("low", "medium", "high", "critical")
    assert status["machine"]["cores"] >= 1


# ------------------------------------------------------------------ models


async def test_models_are_loaded_changed_and_unloaded() -> None:
    async with serving(Engines(switchable(small=100, large=200, other=150))) as api:
        await _ask(api, "Who are you?")
        loaded = await api.client.post("/api/models/load", json={"model": "large"})
        used = await api.client.post("/api/models/use", json={"model": "large"})
        answer = await _ask(api, "Who are you?")
        unloaded = await api.client.post("/api/models/unload", json={"model": "small"})
        refused = await api.client.post("/api/models/unload", json={"model": "large"})
        unknown = await api.client.post("/api/models/load", json={"model": "huge"})
        path = await api.client.post("/api/models/load", json={"model": "/etc/model.gguf"})

    assert {one["name"] for one in loaded.json()["models"]} == {"small", "large"}
    assert used.json()["present"] == "large"
    assert answer["response"] == "I am large"
    assert [one["name"] for one in unloaded.json()["models"]] == ["large"]
    assert [one.status_code for one in (refused, unknown, path)] == [400, 400, 400]
    assert "in use" in refused.json()["error"]["message"]


async def test_a_model_on_a_server_is_changed_there() -> None:
    async with serving() as api:
        response = await api.client.get("/api/models")

    assert response.status_code == 409
    assert response.json()["error"]["code"] == "no_switch"


# ------------------------------------------------------------------ speech from a browser


async def test_a_spoken_question_is_answered_in_words_and_in_sound() -> None:
    engines = Engines(
        ScriptedLanguageModel([("It is blue. ", "I am sure.")]),
        ScriptedStt([PUMP]),
        ScriptedTts(rate_hz=22050),
    )
    async with (
        serving(engines) as api,
        api.client.stream(
            "POST", "/api/talk", content=_wav(), headers={"content-type": "audio/wav"}
        ) as response,
    ):
        events = await _events(response)

    assert events[0] == ("transcript", {"text": PUMP, "language": "en"})
    assert "".join(data["text"] for name, data in events if name == "token") == (
        "It is blue. I am sure."
    )
    sounds = [base64.b64decode(data["wav"]) for name, data in events if name == "audio"]
    seconds = [soundfile.info(io.BytesIO(sound)).duration for sound in sounds]
    # A tenth of a second for each of six words, and a pause after each of two sentences.
    assert sum(seconds) == pytest.approx(0.6 + 2 * 0.28, abs=0.02)
    assert events[-1][0] == "done"
    assert events[-1][1]["response"] == "It is blue. I am sure."


async def test_who_says_nothing_gets_no_answer() -> None:
    silence = io.BytesIO()
    soundfile.write(silence, np.zeros(RATE_HZ), RATE_HZ, format="WAV", subtype="PCM_16")
    async with (
        serving() as api,
        api.client.stream("POST", "/api/talk", content=silence.getvalue()) as response,
    ):
        events = await _events(response)

    assert [name for name, _ in events] == ["transcript", "done"]
    assert events[-1][1]["response"] == ""


@pytest.mark.parametrize("content", [b"", b"RIFF not really", b"\x00" * 1000, _wav(61)])
async def test_what_is_no_sound_or_too_long_is_refused(content: bytes) -> None:
    async with serving() as api:
        response = await api.client.post("/api/talk", content=content)

    assert response.status_code == 400
    assert response.json()["error"]["hint"]


async def test_a_voice_that_fails_ends_the_answer_with_what_was_wrong() -> None:
    engines = Engines(tts=ScriptedTts(error=EngineError("The voice is hoarse.")))
    async with (
        serving(engines) as api,
        api.client.stream("POST", "/api/talk", content=_wav()) as response,
    ):
        events = await _events(response)

    assert events[-1][0] == "error"
    assert events[-1][1]["error"]["message"] == "The voice is hoarse."


# ------------------------------------------------------------------ metrics


async def test_metrics_count_requests_by_their_route() -> None:
    async with serving() as api:
        await _ask(api, "Hello")
        await api.client.get("/nothing/of/the/kind")
        text = (await api.client.get("/metrics")).text

    assert 'heisenberg_requests_total{path="/api/chat/message",status="200"} 1.0' in text
    assert 'heisenberg_requests_total{path="other",status="404"} 1.0' in text
    assert "heisenberg_memory_bytes" in text


async def test_a_body_that_is_no_json_is_said_to_be_none() -> None:
    async with serving(Engines()) as api:
        path = "/api/chat/message"
        unmarked = await api.client.post(path, content=b'{"message": "Hello."}')
        as_json = {"Content-Type": "application/json"}
        broken = await api.client.post(path, content=b'{"message": ', headers=as_json)
        fieldless = await api.client.post(path, json={})
    assert {one.status_code for one in (unmarked, broken, fieldless)} == {422}
    said, mended, lacking = (one.json()["error"] for one in (unmarked, broken, fieldless))
    assert said["message"] == "The body is not said to be JSON."
    assert "Content-Type: application/json" in said["hint"]
    assert mended["message"].startswith("The body is no JSON: ")
    assert "message: field required" in lacking["message"]
