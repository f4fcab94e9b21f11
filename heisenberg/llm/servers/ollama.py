"""Ollama, by its own interface: only there can the context and the time in memory be set."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from contextlib import aclosing
from typing import Any, Final

from heisenberg.core.config import LlmConfig
from heisenberg.core.errors import EngineError, ModelMissing
from heisenberg.llm.base import ModelInfo
from heisenberg.llm.servers.messages import fitting_messages, named_model, only_schema, openai_tools
from heisenberg.llm.servers.model_server import Json, ModelServer
from heisenberg.llm.servers.remote import Ask, CallPart, Delta, Post, RemoteLLM, is_local

BACKEND: Final = "ollama"
OLLAMA_URL: Final = "http://localhost:11434"
"""Where Ollama listens unless it is told otherwise."""

OnPull = Callable[[str, int, int], None]
"""Hears what is being fetched, how many bytes are there, and of how many."""


class OllamaLLM(RemoteLLM):
    """A ``LanguageModel`` in Ollama."""

    def __init__(
        self,
        config: LlmConfig,
        *,
        language: str = "en",
        on_pull: OnPull = lambda *_: None,
    ) -> None:
        """``on_pull`` hears of the model being fetched, where Ollama does not have it."""
        server = ModelServer(ollama_url(config), timeout_s=config.timeout_seconds)
        super().__init__(
            config, Ollama(config, on_pull), server, backend=BACKEND, language=language
        )


class Ollama:
    """The ``Dialect`` of ``/api/chat``."""

    health_path: Final = "/api/version"

    def __init__(self, config: LlmConfig, on_pull: OnPull = lambda *_: None) -> None:
        self._config = config
        self._on_pull = on_pull
        self._info = ModelInfo(config.model, BACKEND, config.context_tokens)
        self._names: Collection[str] = ()

    async def describe(self, server: ModelServer) -> ModelInfo:
        listed = await server.get("/api/tags")
        try:
            known = [str(model["name"]) for model in listed["models"]]
        except (TypeError, KeyError) as exc:
            raise EngineError(
                f"What answers at {server.url} is not Ollama: it does not list its models.",
                "Set llm.endpoint to Ollama's address.",
            ) from exc
        # The tag that stands for no tag is not said by everybody.
        self._names = {*known, *(name.removesuffix(":latest") for name in known)}
        name = self._config.model
        if name == "auto":
            if not known:
                raise ModelMissing(
                    f"Ollama at {server.url} has no model.",
                    "Set llm.model to the name of one, and Ollama fetches it.",
                )
            name = known[0]
        elif name not in known and f"{name}:latest" not in known:
            await self._pull(server, name)
        self._info = ModelInfo(name, BACKEND, self._config.context_tokens, is_local(server.url))
        return self._info

    async def post(self, server: ModelServer, ask: Ask) -> Post:
        del server
        return Post("/api/chat", self._body(ask))

    async def warming(self, server: ModelServer, ask: Ask) -> Post | None:
        """Ollama evaluates no prompt without a reply: the shortest one it is."""
        del server
        ahead = Ask(ask.prompt or "?", ask.history, ask.system_prompt, ask.sampling.limited_to(1))
        return Post("/api/chat", self._body(ahead))

    def read(self, event: Json) -> Delta:
        if "error" in event:
            raise EngineError(f"Ollama failed: {event['error']}.", "Look into its log.")
        done = bool(event.get("done"))
        message = event.get("message") or {}
        return Delta(
            str(message.get("content") or ""),
            done,
            event.get("eval_count"),
            event.get("prompt_eval_count"),
            [_part(call) for call in message.get("tool_calls") or ()],
            event.get("done_reason") == "length",
        )

    def _body(self, ask: Ask) -> dict[str, Any]:
        sampling = ask.sampling
        options: dict[str, Any] = {
            "num_ctx": self._info.context_tokens,
            "num_predict": sampling.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "top_k": sampling.top_k,
            "min_p": sampling.min_p,
            "repeat_penalty": sampling.repeat_penalty,
        }
        if sampling.seed is not None:
            options["seed"] = sampling.seed
        if self._config.threads is not None:
            options["num_thread"] = self._config.threads
        shape: dict[str, Any] = {}
        if ask.structure is not None:
            shape["format"] = only_schema(ask.structure, BACKEND)
        if ask.tools:
            shape["tools"] = openai_tools(ask)
        return {
            **shape,
            "model": named_model(ask, self._info.name, self._names, BACKEND),
            "messages": fitting_messages(ask, self._info.context_tokens),
            "stream": True,
            "keep_alive": round(self._config.keep_alive_s),
            "options": options,
        }

    async def _pull(self, server: ModelServer, name: str) -> None:
        body = {"model": name, "stream": True}
        fetched = False
        async with aclosing(server.stream("/api/pull", body)) as events:
            async for event in events:
                if "error" in event:
                    raise ModelMissing(
                        f"Ollama can't fetch the model '{name}': {event['error']}.",
                        "Set llm.model to a name that Ollama knows.",
                    )
                status = str(event.get("status", ""))
                self._on_pull(status, int(event.get("completed", 0)), int(event.get("total", 0)))
                fetched = fetched or status == "success"
        if not fetched:
            raise EngineError(
                f"Ollama stopped fetching the model '{name}'.", f"Run 'ollama pull {name}'."
            )


def _part(call: Json) -> CallPart:
    function = call.get("function") or {}
    arguments = json.dumps(function.get("arguments") or {})
    return CallPart(None, str(function.get("name") or ""), arguments)


def ollama_url(config: LlmConfig) -> str:
    """Where Ollama is: at the endpoint, if one was set."""
    if not config.names_endpoint:
        return OLLAMA_URL
    root, _, _ = config.endpoint.partition("/api")
    return root
