"""From a question to the text a model reads: personalities, and the formats of prompts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

from heisenberg.core.errors import ConfigError
from heisenberg.core.resources import prompts_dir
from heisenberg.llm.base import History, Tool, ToolResult
from heisenberg.llm.prompts.template import ChatTemplate, Message
from heisenberg.llm.tools.formats import QwenFormat, ToolFormat, format_in, section
from heisenberg.llm.tools.talk_or_calls import LFM2_MARKERS, QWEN_MARKERS

PromptFormat: TypeAlias = Literal["auto", "chatml", "llama2", "plain"]

_ENGLISH: Final = "en"
_NAME: Final = re.compile(r"[\w-]+")
_MARKERS: Final[Mapping[str, tuple[str, ...]]] = {
    "auto": (),
    "chatml": ("<|im_start|>", "<|im_end|>"),
    "llama2": ("[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "<s>", "</s>"),
    "plain": (),
}
_TOOL_MARKERS: Final = (*QWEN_MARKERS, *LFM2_MARKERS, "<tool_response>", "</tool_response>")
_LIKELY_SPECIAL: Final = re.compile(
    r"</?tool_(?:call|response)>|<\|[^|<>\s]{1,40}\|>|</?s>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|<[be]os>"
)
_STOPS: Final[Mapping[str, tuple[str, ...]]] = {
    "auto": ("<|im_end|>",),
    "chatml": ("<|im_end|>", "<|im_start|>"),
    "llama2": ("</s>", "[INST]"),
    "plain": ("\nUser:", "\nAssistant:"),
}


class PromptBuilder:
    """Writes a conversation in one of the formats that models know.

    ``auto`` is the model's own template, ``chatml`` for a model without one. Whatever the format,
    words of the user or of an earlier reply can't end a message or begin another: what would read
    as a marker gets a space inside.
    """

    def __init__(
        self,
        prompt_format: PromptFormat = "auto",
        *,
        template: ChatTemplate | None = None,
        special: Callable[[str], Sequence[str]] = lambda _: (),
    ) -> None:
        """``special`` finds the parts of a text that the model takes for special tokens."""
        if prompt_format == "auto" and template is None:
            prompt_format = "chatml"
        self._format = prompt_format
        self._template = template
        own = template and template.takes_tools and format_in(template.source)
        self._template_takes_tools = bool(own)
        self.tool_format: ToolFormat = own or QwenFormat()
        """How the model writes calls: as its template says, or else as most models do."""
        self._special = special

    @property
    def stops(self) -> tuple[str, ...]:
        """Texts that end a reply where the model does not mark the end with a token."""
        return _STOPS[self._format]

    def build(
        self,
        prompt: str,
        *,
        history: History = (),
        system_prompt: str = "",
        begun: str = "",
        tools: Sequence[Tool] = (),
        results: Sequence[ToolResult] = (),
    ) -> str:
        """The whole prompt, up to where the reply begins, or goes on after ``begun``.

        ``results`` are of the calls with which the model has answered ``prompt``. Without a system
        prompt a model's own template may put in one of its own.
        """
        described = [
            all_without_markers(self.tool_format.described(tool), self._find_markers)
            for tool in tools
        ]
        if described and not self._template_takes_tools:
            # What describes tools is cleaned already, and what shows the markers must keep them.
            system_prompt = f"{self._clean(system_prompt)}\n\n{section(described)}"
        else:
            system_prompt = self._clean(system_prompt)
        messages = self._messages(with_results(prompt, results), history, system_prompt.strip())
        text = self._rendered(messages, described)
        if not begun:
            return text
        if opens_thought(text):
            text += "\n</think>\n\n"
        gap = " " if self._format == "plain" else ""
        # A blank at its end would be a token of its own, after which no word is what it was.
        return f"{text}{gap}{self._clean(begun)}"

    def _rendered(self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]]) -> str:
        if self._format == "plain":
            return _plain(messages)
        if self._format == "llama2":
            return _llama2(messages)
        if self._format == "auto" and self._template is not None:
            native = tools if self._template_takes_tools else ()
            return self._template.render(messages, native)
        return _chatml(messages)

    def _messages(self, prompt: str, history: History, system_prompt: str) -> list[Message]:
        messages = []
        if system_prompt:
            messages.append({"role": "system", "content": system_prompt})
        for user, assistant in history:
            messages.append({"role": "user", "content": self._clean(user)})
            messages.append({"role": "assistant", "content": self._clean(assistant)})
        return [*messages, {"role": "user", "content": self._clean(prompt)}]

    def _clean(self, text: str) -> str:
        text = text.strip()
        if self._format == "plain":
            # A line of its own is what makes a speaker here.
            text = " ".join(text.split())
        return without_markers(text, self._find_markers)

    def _find_markers(self, text: str) -> set[str]:
        markers = (*_MARKERS[self._format], *_TOOL_MARKERS)
        known = {marker for marker in markers if marker in text}
        return known | set(self._special(text))


def opens_thought(prompt: str) -> bool:
    """Whether a reply to ``prompt`` begins within a thought, which is not to be spoken."""
    return prompt.rstrip().endswith("<think>")


def without_markers(text: str, find: Callable[[str], Iterable[str]]) -> str:
    """``text`` with a space in everything that ``find`` finds in it, until that changes nothing."""
    while (cleaned := _break(text, sorted(find(text)))) != text:
        text = cleaned
    return text


def with_results(prompt: str, results: Sequence[ToolResult]) -> str:
    """``prompt`` after what came of the calls that it led to.

    What stands last is what a small model heeds: behind the question, in the role that templates
    have for them, results were obeyed in 8 of 24 texts, and before it in none (ADR 0019).
    """
    told = "\n".join(f"{result.call.name}: {result.text}" for result in results)
    return f"{told}\n\n{prompt}" if results else prompt


def all_without_markers(value: Any, find: Callable[[str], Iterable[str]]) -> Any:
    """``value``, of what JSON is made of, with every text in it ``without_markers``."""
    if isinstance(value, str):
        return without_markers(value, find)
    if isinstance(value, Mapping):
        return {key: all_without_markers(part, find) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [all_without_markers(part, find) for part in value]
    return value


def _break(text: str, markers: Sequence[str]) -> str:
    for marker in markers:
        text = text.replace(marker, f"{marker[0]} {marker[1:]}" if marker[1:] else "")
    return text


def likely_special(text: str) -> list[str]:
    """The parts of ``text`` that some model or other takes for special tokens.

    For models behind a server, whose vocabulary is not known here.
    """
    return _LIKELY_SPECIAL.findall(text)


class _Personalities(Mapping[str, str]):
    """The personalities of ``prompts/en``, read when they are asked for."""

    def __getitem__(self, name: str) -> str:
        text = _read(name, _ENGLISH)
        if text is None:
            raise KeyError(name)
        return text

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(file.stem for file in (prompts_dir() / _ENGLISH).glob("*.md")))

    def __len__(self) -> int:
        return sum(1 for _ in self)


SYSTEM_PROMPTS: Final[Mapping[str, str]] = _Personalities()
"""What each personality is told, in English, by name; a file in ``prompts/en`` adds one."""


def system_prompt(name_or_text: str, language: str = _ENGLISH) -> str:
    """The prompt of a personality in ``language`` (English where there is none), or a text as is.

    A single word is a name. Reads files. Raises ``ConfigError`` for an unknown name.
    """
    text = name_or_text.strip()
    if not _NAME.fullmatch(text):
        return text
    found = _read(text, language) or _read(text, _ENGLISH)
    if found is None:
        raise ConfigError(
            f"There is no personality called '{text}'.",
            f"Known are {', '.join(SYSTEM_PROMPTS)}; or write the prompt itself.",
        )
    return found


def _read(name: str, language: str) -> str | None:
    if not _NAME.fullmatch(name):
        return None
    file = prompts_dir() / language / f"{name}.md"
    try:
        return file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(
            f"The personality {file} can't be read: {exc}.", "Write it as UTF-8 text."
        ) from exc


def _chatml(messages: Sequence[Message]) -> str:
    said = "".join(f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n" for m in messages)
    return f"{said}<|im_start|>assistant\n"


def _llama2(messages: Sequence[Message]) -> str:
    text = ""
    system = ""
    for message in messages:
        content = message["content"]
        if message["role"] == "system":
            system = f"<<SYS>>\n{content}\n<</SYS>>\n\n"
        elif message["role"] == "user":
            text += f"<s>[INST] {system}{content} [/INST]"
            system = ""
        else:
            text += f" {content} </s>"
    return text


def _plain(messages: Sequence[Message]) -> str:
    names = {"user": "User: ", "assistant": "Assistant: ", "system": ""}
    lines = [f"{names[message['role']]}{message['content']}" for message in messages]
    return "\n".join([*lines, "Assistant:"])
