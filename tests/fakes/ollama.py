"""Ollama as its interface is documented: what it has, what it fetches, how it chats."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tests.fakes.model_server import NDJSON, Answer, Asked, Part, ScriptedServer, lines

CREATED = "2026-01-01T00:00:00Z"


class ScriptedOllama:
    """``models`` are there, ``fetchable`` can be pulled; replies are ``pieces``."""

    def __init__(self, pieces: Sequence[str], *, context_tokens: int = 4096) -> None:
        self.server = ScriptedServer()
        self.models = ["qwen2.5:0.5b"]
        self.fetchable = ["smollm2:135m"]
        self.pieces = list(pieces)
        self.calls: list[dict[str, Any]] = []
        """What Ollama itself understands as calls, where tools are offered."""
        self.gate: asyncio.Event | None = None
        """Before the first piece, if there is one."""
        self.began = asyncio.Event()
        self._context_tokens = context_tokens
        self.server.put_json("/api/version", {"version": "0.12.0"})
        self.server.put("/api/tags", self._tags)
        self.server.put("/api/chat", self._chat)
        self.server.put("/api/pull", self._pull)

    @property
    def url(self) -> str:
        return self.server.url

    def _tags(self, _asked: Asked) -> Answer:
        found = [{"name": name, "model": name, "size": 1} for name in self.models]
        return Answer(_one({"models": found}))

    def _chat(self, asked: Asked) -> Answer:
        body = asked.body
        if body["model"] not in self.models:
            return Answer(_one({"error": f"model '{body['model']}' not found"}), 404)
        self.began.set()
        wanted = body["options"].get("num_predict", 512)
        pieces = self.pieces[:wanted]
        words = sum(len(message["content"].split()) for message in body["messages"])
        name = {"model": body["model"], "created_at": CREATED}
        events: list[dict[str, Any]] = [
            {**name, "message": {"role": "assistant", "content": piece}, "done": False}
            for piece in pieces
        ]
        calls = [{"function": call} for call in self.calls if "tools" in body]
        if calls:
            said = {"role": "assistant", "content": "", "tool_calls": calls}
            events.append({**name, "message": said, "done": False})
        events.append(
            {
                **name,
                "message": {"role": "assistant", "content": ""},
                "done": True,
                "done_reason": "length" if len(pieces) < len(self.pieces) else "stop",
                "prompt_eval_count": words,
                "eval_count": len(pieces),
            }
        )
        gate: list[Part] = [self.gate] if self.gate else []
        return Answer([*gate, *lines(*events)], content_type=NDJSON)

    def _pull(self, asked: Asked) -> Answer:
        name = asked.body["model"]
        if name not in self.fetchable:
            problem = {"error": "pull model manifest: file does not exist"}
            return Answer(lines({"status": "pulling manifest"}, problem), content_type=NDJSON)
        self.models.append(name)
        digest = {"status": "pulling 1234", "digest": "sha256:1234", "total": 1000}
        return Answer(
            lines(
                {"status": "pulling manifest"},
                {**digest, "completed": 400},
                {**digest, "completed": 1000},
                {"status": "verifying sha256 digest"},
                {"status": "success"},
            ),
            content_type=NDJSON,
        )


def _one(content: Any) -> list[Part]:
    return lines(content)


@asynccontextmanager
async def scripted_ollama(pieces: Sequence[str]) -> AsyncIterator[ScriptedOllama]:
    ollama = ScriptedOllama(pieces)
    await ollama.server.start()
    try:
        yield ollama
    finally:
        await ollama.server.kill()
