"""llama.cpp's own server: prompts rendered here, by the model's template, and completed there."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import urlsplit

from heisenberg.core.config import LlmConfig
from heisenberg.core.errors import EngineError
from heisenberg.llm.base import ModelInfo, Sampling
from heisenberg.llm.prompts import PromptBuilder, likely_special, opens_thought
from heisenberg.llm.prompts.budget import prompt_room, shorter_and_shorter, too_long
from heisenberg.llm.prompts.template import ChatTemplate
from heisenberg.llm.servers.model_server import Json, ModelServer
from heisenberg.llm.servers.openai import OpenAi, api_base
from heisenberg.llm.servers.remote import Ask, Delta, Dialect, Post, RemoteLLM, is_local
from heisenberg.llm.structure import grammar_of

BACKEND: Final = "server"


class LlamaServerLLM(RemoteLLM):
    """A ``LanguageModel`` on a llama.cpp server, by ``/completion``.

    By its OpenAI-compatible interface where the path of ``config.endpoint`` begins with ``/v1``:
    the server then renders the prompt.
    """

    def __init__(self, config: LlmConfig, *, language: str = "en") -> None:
        compatible = urlsplit(config.endpoint).path.startswith("/v1")
        url = api_base(config.endpoint) if compatible else _root(config.endpoint)
        dialect: Dialect = OpenAi(config, BACKEND) if compatible else LlamaServer(config)
        server = ModelServer(url, timeout_s=config.timeout_seconds, api_key=config.key)
        super().__init__(config, dialect, server, backend=BACKEND, language=language)


_SAMPLERS: Final = ("top_k", "penalties", "top_p", "min_p", "temperature")
"""Few tokens are left after the first, so the others cost nothing: several replies at once wait for
each other's."""


class LlamaServer:
    """The ``Dialect`` of ``/completion``."""

    health_path: Final = "/health"

    def __init__(self, config: LlmConfig) -> None:
        self._config = config
        self._builder = PromptBuilder("chatml")
        self._context_tokens = config.context_tokens
        self._bos = ""

    async def describe(self, server: ModelServer) -> ModelInfo:
        props = await server.get("/props")
        try:
            self._context_tokens = int(props["default_generation_settings"]["n_ctx"])
            name = str(props.get("model_alias") or PurePath(str(props["model_path"])).stem)
        except (TypeError, KeyError, ValueError) as exc:
            raise EngineError(
                f"What answers at {server.url} is no llama.cpp server: it does not describe itself "
                "as one.",
                "Set llm.endpoint to a server's address, or llm.backend to its kind.",
            ) from exc
        self._builder = self._builder_for(props)
        self._bos = str(props.get("bos_token", "")) if await _adds_bos(server) else ""
        return ModelInfo(name, BACKEND, self._context_tokens, is_local(server.url))

    async def post(self, server: ModelServer, ask: Ask) -> Post:
        prompt = await self._fit(server, ask)
        body: dict[str, Any] = {
            **_sampling(ask.sampling),
            "prompt": prompt,
            "stop": list(self._builder.stops),
            "stream": True,
            "cache_prompt": True,
        }
        if ask.structure is not None:
            body["grammar"] = grammar_of(ask.structure)
        if ask.tools or ask.results:
            form = self._builder.tool_format
            body["grammar"] = await asyncio.to_thread(form.grammar, ask.tools)
            # Control tokens are left out of a reply but for these.
            body["preserved_tokens"] = list(form.markers)
        return Post("/completion", body, self._builder.stops, opens_thought(prompt))

    async def warming(self, server: ModelServer, ask: Ask) -> Post | None:
        one, other = [
            await self._fit(server, replace(ask, prompt=f"{ask.prompt} {more}".lstrip()))
            for more in ("A", "1")
        ]
        prompt = one[: _common_length(one, other)].rstrip()
        if not prompt:
            return None
        body = {"prompt": prompt, "n_predict": 0, "stream": True, "cache_prompt": True}
        return Post("/completion", body)

    def read(self, event: Json) -> Delta:
        if "error" in event:
            raise EngineError(
                f"The language model server failed: {_message(event['error'])}.",
                "Look into its log.",
            )
        done = bool(event.get("stop"))
        return Delta(
            str(event.get("content", "")),
            done,
            event.get("tokens_predicted") if done else None,
            event.get("tokens_evaluated") if done else None,
            cut_off=done and event.get("stop_type") == "limit",
        )

    def _builder_for(self, props: Json) -> PromptBuilder:
        """The format that is configured; with ``auto`` that of the model's own template."""
        source = props.get("chat_template")
        if self._config.prompt_format != "auto" or not source:
            return PromptBuilder(self._config.prompt_format, special=likely_special)
        bos, eos = str(props.get("bos_token", "")), str(props.get("eos_token", ""))
        template = ChatTemplate(str(source), bos=bos, eos=eos)
        return PromptBuilder("auto", template=template, special=likely_special)

    async def _fit(self, server: ModelServer, ask: Ask) -> str:
        """The prompt with as much history as leaves room for the reply."""
        context = self._context_tokens
        room = prompt_room(context, ask.sampling.max_tokens)
        tokens = 0
        for history in shorter_and_shorter(ask.history):
            prompt = self._built(replace(ask, history=history))
            # A token is at least a byte long: a short prompt needs no counting.
            if len(prompt.encode()) <= room:
                return prompt
            tokens = len((await server.post("/tokenize", {"content": prompt}))["tokens"])
            if tokens <= room:
                return prompt
        raise too_long(tokens, context, room)

    def _built(self, ask: Ask) -> str:
        text = self._builder.build(
            ask.prompt,
            history=ask.history,
            system_prompt=ask.system_prompt,
            begun=ask.begun,
            tools=ask.tools,
            results=ask.results,
        )
        return text.removeprefix(self._bos)


def _root(endpoint: str) -> str:
    return endpoint.rstrip("/").removesuffix("/completion")


async def _adds_bos(server: ModelServer) -> bool:
    """Whether the server itself puts the token before a prompt that begins every sequence."""
    answer = await server.post("/tokenize", {"content": "", "add_special": True})
    return bool(answer["tokens"])


def _sampling(sampling: Sampling) -> dict[str, Any]:
    return {
        "n_predict": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        "repeat_penalty": sampling.repeat_penalty,
        "seed": -1 if sampling.seed is None else sampling.seed,
        "samplers": _SAMPLERS,
    }


def _message(error: Any) -> str:
    return str(error.get("message", error) if isinstance(error, dict) else error).rstrip(".")


def _common_length(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    differs = (at for at, (a, b) in enumerate(pairs) if a != b)
    return next(differs, min(len(one), len(other)))
