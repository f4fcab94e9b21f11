"""A model's own chat template: the Jinja text that its file carries."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

from heisenberg.core.errors import LoadFailed

if TYPE_CHECKING:
    from jinja2 import Template

Message = Mapping[str, str]
"""``role`` (system, user or assistant; tool, where the template knows tools) and ``content``."""


class ChatTemplate:
    """Renders messages the way the model was trained on.

    The variables are those that Transformers passes to chat templates. ``enable_thinking`` is
    always false: a spoken reply can't wait for thoughts.
    """

    def __init__(self, source: str, *, bos: str = "", eos: str = "") -> None:
        """``bos`` and ``eos``: the texts of the tokens that begin and end a sequence.

        Raises ``LoadFailed`` for a template that is not valid.
        """
        self.source = source
        self._template = _compile(source)
        self._tokens = {"bos_token": bos, "eos_token": eos}
        self._takes_system = self._try_system()

    @property
    def takes_tools(self) -> bool:
        """Whether tools change what it renders."""
        tool = {"name": "T-1", "description": "", "parameters": {"type": "object"}}
        messages = [{"role": "user", "content": "U-1"}]
        try:
            rendered = self._render(messages, [{"type": "function", "function": tool}])
        except Exception:  # whatever it is: without tools it may still work
            return False
        return "T-1" in rendered and "U-1" in rendered

    def render(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] | None = None
    ) -> str:
        """The prompt, up to where the assistant's reply begins.

        A system message that the template has no place for goes before the first user's words;
        ``tools`` are for one that ``takes_tools``, each as its family describes them. Raises
        ``LoadFailed`` for a template that refuses the messages.
        """
        if not self._takes_system:
            messages = _fold_system(messages)
        try:
            return self._render(messages, tools)
        except Exception as exc:  # a template may fail in any way
            raise _unusable(exc) from exc

    def _render(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] | None = None
    ) -> str:
        return self._template.render(
            messages=list(messages),
            add_generation_prompt=True,
            enable_thinking=False,
            tools=list(tools) if tools else None,
            raise_exception=_refuse,
            strftime_now=lambda form: datetime.now().strftime(form),
            **self._tokens,
        )

    def _try_system(self) -> bool:
        """Some templates refuse a system message, some leave it out."""
        messages = [{"role": "system", "content": "S-1"}, {"role": "user", "content": "U-1"}]
        try:
            return "S-1" in self._render(messages)
        except Exception:  # whatever it is: without a system message it may still work
            return False


def _compile(source: str) -> Template:
    from jinja2 import BaseLoader, TemplateError, nodes
    from jinja2.ext import Extension, loopcontrols
    from jinja2.parser import Parser
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Generation(Extension):
        """``{% generation %}`` marks the assistant's part for training; here it does nothing."""

        tags = {"generation"}  # noqa: RUF012 - the base class declares it so

        def parse(self, parser: Parser) -> list[nodes.Node]:
            next(parser.stream)
            return parser.parse_statements(("name:endgeneration",), drop_needle=True)

    environment = ImmutableSandboxedEnvironment(
        loader=BaseLoader(),
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[Generation, loopcontrols],
    )
    # Jinja's own is made for web pages and writes "<" as an escape, which no model was trained on.
    environment.filters["tojson"] = _as_json
    try:
        return environment.from_string(source)
    except TemplateError as exc:
        raise _unusable(exc) from exc


def _as_json(value: Any, *, ensure_ascii: bool = False, **form: Any) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, **form)


def _fold_system(messages: Sequence[Message]) -> Sequence[Message]:
    if messages[0]["role"] != "system":
        return messages
    system, user, *rest = messages
    return [{"role": "user", "content": f"{system['content']}\n\n{user['content']}"}, *rest]


def _refuse(message: str) -> NoReturn:
    from jinja2 import TemplateError

    raise TemplateError(message)


def _unusable(exc: Exception) -> LoadFailed:
    return LoadFailed(
        f"The language model's chat template can't be used: {exc}.",
        "Set llm.prompt_format to 'chatml', 'llama2' or 'plain'.",
    )
