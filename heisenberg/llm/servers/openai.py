"""Servers that speak OpenAI's chat interface: vLLM, llama.cpp's ``/v1``, services in the cloud."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from heisenberg.core.config import LlmConfig
from heisenberg.core.errors import EngineError, ModelMissing
from heisenberg.llm.base import ModelInfo
from heisenberg.llm.servers.messages import (
    fitting_messages,
    named_model,
    only_schema,
    openai_tools,
    refuse_begun,
)
from heisenberg.llm.servers.model_server import Json, ModelServer
from heisenberg.llm.servers.remote import Ask, CallPart, Delta, Post, RemoteLLM, is_local

_CONTEXT_KEYS: Final = ("max_model_len", "context_length", "n_ctx", "n_ctx_train")


class OpenAiLLM(RemoteLLM):
    """A ``LanguageModel`` on any OpenAI-compatible server."""

    def __init__(self, config: LlmConfig, *, backend: str = "openai", language: str = "en") -> None:
        server = ModelServer(
            api_base(config.endpoint), timeout_s=config.timeout_seconds, api_key=config.key
        )
        super().__init__(
            config, OpenAi(config, backend), server, backend=backend, language=language
        )


class OpenAi:
    """The ``Dialect`` of ``/v1/chat/completions``."""

    health_path: Final = "/models"

    def __init__(self, config: LlmConfig, backend: str) -> None:
        self._config = config
        self._backend = backend
        self._info = ModelInfo(config.model, backend, config.context_tokens)
        self._names: Collection[str] = ()

    async def describe(self, server: ModelServer) -> ModelInfo:
        listed = await server.get("/models")
        try:
            known = {str(model["id"]): model for model in listed["data"]}
        except (TypeError, KeyError) as exc:
            raise EngineError(
                f"What answers at {server.url} does not list its models.",
                "Set llm.endpoint to the address of an OpenAI-compatible server, up to '/v1'.",
            ) from exc
        self._names = known.keys()
        wanted = self._config.model
        name = next(iter(known), "") if wanted == "auto" else wanted
        if name not in known:
            raise ModelMissing(
                f"The server at {server.url} has no model '{name}'."
                if name
                else f"The server at {server.url} has no model.",
                f"It has: {', '.join(sorted(known)[:8])}." if known else "Give it one.",
            )
        context = _context_of(known[name]) or self._config.context_tokens
        self._info = ModelInfo(name, self._backend, context, is_local(server.url))
        return self._info

    async def post(self, server: ModelServer, ask: Ask) -> Post:
        del server
        refuse_begun(ask, self._backend)
        sampling = ask.sampling
        body: dict[str, Any] = {
            "model": named_model(ask, self._info.name, self._names, self._backend),
            "messages": fitting_messages(ask, self._info.context_tokens),
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "max_tokens": sampling.max_tokens,
        }
        if sampling.seed is not None:
            body["seed"] = sampling.seed
        if ask.tools:
            body["tools"] = openai_tools(ask)
        if ask.structure is not None:
            schema = only_schema(ask.structure, self._backend)
            shape = {"name": "reply", "schema": schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": shape}
        return Post("/chat/completions", body)

    async def warming(self, server: ModelServer, ask: Ask) -> Post | None:
        """There is none: what is asked ahead may have to be paid for, and can't be taken back."""
        del server, ask
        return None

    def read(self, event: Json) -> Delta:
        if "error" in event:
            raise EngineError(
                f"The language model server failed: {event['error']}.", "Look into its log."
            )
        usage = event.get("usage") or {}
        choices = event.get("choices") or [{}]
        delta = choices[0].get("delta") or {}
        end = choices[0].get("finish_reason")
        return Delta(
            str(delta.get("content") or ""),
            end is not None,
            usage.get("completion_tokens"),
            usage.get("prompt_tokens"),
            [_part(call) for call in delta.get("tool_calls") or ()],
            end == "length",
        )


def api_base(endpoint: str) -> str:
    """The address up to ``/v1``, whichever of a server's paths ``endpoint`` names."""
    base = endpoint.rstrip("/")
    for path in ("/chat/completions", "/completions"):
        base = base.removesuffix(path)
    return base


def _part(call: Json) -> CallPart:
    function = call.get("function") or {}
    return CallPart(
        int(call.get("index") or 0),
        str(function.get("name") or ""),
        str(function.get("arguments") or ""),
    )


def _context_of(model: Json) -> int | None:
    facts = {**model, **(model.get("meta") or {})}
    return next((int(facts[key]) for key in _CONTEXT_KEYS if facts.get(key)), None)
