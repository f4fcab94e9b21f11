"""The writer over a model whose tokens are characters and whose reply is written down."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

import pytest

from heisenberg.core.errors import InputError
from heisenberg.llm.base import History, Sampling, Structure
from heisenberg.llm.inprocess.llamacpp import LlamaCpp, StopFlag
from heisenberg.llm.inprocess.writer import Reply, Writer
from heisenberg.llm.prompts import PromptBuilder
from heisenberg.llm.prompts.template import ChatTemplate
from heisenberg.llm.request import Request

END = 0
STOP = StopFlag()
SYSTEM = "Be brief."


@dataclass
class Drawn:
    """Stands for ``Sampler``: what it draws, and how many tokens of it were to close the reply."""

    tokens: list[int]
    closing: int = 0

    @property
    def closed_early(self) -> bool:
        return self.closing > 0


class Characters:
    """Stands for ``LlamaCpp``."""

    context_tokens = 400
    rolls_back = True

    def __init__(self, reply: str) -> None:
        self._reply = reply
        self.held: list[int] = []
        self.batch = 0
        self.asked: tuple[list[int], Sequence[int]] | None = None
        self.sampling: Sampling | None = None
        self.drawn = Drawn([])

    def tokenize(self, prompt: str) -> list[int]:
        return [ord(character) for character in prompt]

    def single_tokens(self, texts: Iterable[str]) -> dict[int, str]:
        return {ord(text): text for text in texts if len(text) == 1}

    def probability(self, asked_at: int, tokens: Sequence[int]) -> float:
        self.asked = (self.held[: len(self.held) - self.batch + asked_at + 1], tokens)
        return 0.25

    def is_end(self, token: int) -> bool:
        return token == END

    def piece(self, token: int) -> bytes:
        return chr(token).encode()

    def evaluate(
        self, tokens: Sequence[int], _stop: StopFlag, *, ask_at: int | None = None
    ) -> bool:
        del ask_at
        self.held.extend(tokens)
        self.batch = len(tokens)
        return True

    def truncate(self, count: int) -> bool:
        del self.held[count:]
        return True

    def clear(self) -> None:
        self.held = []

    def save(self) -> bytes:
        return "".join(map(chr, self.held)).encode()

    def restore(self, state: bytes) -> None:
        self.held = [ord(character) for character in state.decode()]

    def sampler(self, sampling: Sampling, _structure: Structure | None) -> Drawn:
        self.sampling = sampling
        self.drawn = Drawn([*map(ord, self._reply), END])
        return self.drawn

    def sample(self, sampler: Drawn, *, closes: bool) -> int:
        sampler.closing += closes
        return sampler.tokens.pop(0)


def _writer(model: Characters, *, template: str = "", max_tokens: int = 50) -> Writer:
    builder = PromptBuilder(
        "auto" if template else "chatml", template=ChatTemplate(template) if template else None
    )
    return Writer(cast("LlamaCpp", model), builder, SYSTEM, Sampling(max_tokens=max_tokens))


def _read(reply: Reply) -> str:
    text = ""
    while not reply.ended:
        text += reply.advance(STOP)
    return text


def _ask(
    writer: Writer,
    prompt: str = "Why?",
    *,
    history: History = (),
    system: str | None = None,
    max_tokens: int | None = None,
) -> Reply:
    return writer.begin(Request(prompt, history, system, max_tokens))


def test_a_reply_ends_where_the_model_ends_it() -> None:
    reply = _ask(_writer(Characters("So.")))

    assert _read(reply) == "So."
    assert reply.tokens == 3


def test_a_reply_ends_at_a_stop_text_even_of_several_tokens() -> None:
    assert _read(_ask(_writer(Characters("So.<|im_end|>\nUser:")))) == "So."


def test_what_looked_like_a_stop_text_is_given_out_at_the_end() -> None:
    assert _read(_ask(_writer(Characters("So <|im")))) == "So <|im"
    assert _read(_ask(_writer(Characters("So <|im_"), max_tokens=6))) == "So <|i"


@pytest.mark.parametrize(("max_tokens", "closing"), [(100, 0), (40, 0), (24, 3), (20, 5), (4, 1)])
def test_the_last_of_its_tokens_bring_a_reply_to_its_end(max_tokens: int, closing: int) -> None:
    model = Characters("Twenty letters long.")
    reply = _ask(_writer(model, max_tokens=max_tokens))

    assert _read(reply) == "Twenty letters long."[:max_tokens]
    assert model.drawn.closing == closing
    assert reply.cut_off == (closing > 0)


def test_a_thought_opened_by_the_template_is_left_out() -> None:
    writer = _writer(
        Characters("Hm. </think>\nSo."), template="{{ messages[-1].content }}<think>\n"
    )
    assert _read(_ask(writer)) == "So."


def test_the_prompt_counts_once_it_is_evaluated() -> None:
    model = Characters("So.")
    reply = _ask(_writer(model), "Why? " * 30)
    seen = []
    while not reply.ended:
        reply.advance(STOP)
        seen.append(reply.prompt_tokens)

    assert seen[0] == 0
    assert seen[-1] > 128
    assert len(model.held) == seen[-1] + reply.tokens


def test_what_is_asked_counts_more_than_what_is_configured() -> None:
    model = Characters("a" * 99)
    writer = _writer(model, max_tokens=50)

    assert len(_read(_ask(writer, system="Obey.", max_tokens=5))) == 5
    assert "Obey." in "".join(map(chr, model.held))
    assert len(_read(_ask(writer))) == 50
    assert SYSTEM in "".join(map(chr, model.held))


def test_a_reply_never_outgrows_the_context() -> None:
    model = Characters("a" * 999)
    reply = _ask(_writer(model, max_tokens=10_000))

    assert len(_read(reply)) == model.context_tokens - reply.prompt_tokens
    assert len(model.held) <= model.context_tokens


def test_the_oldest_history_is_left_out() -> None:
    model = Characters("So.")
    history = [(f"question {number}", "a" * 50) for number in range(9)]

    _read(_ask(_writer(model), history=history))

    prompt = "".join(map(chr, model.held))
    assert "question 8" in prompt
    assert "question 0" not in prompt
    assert SYSTEM in prompt
    assert len(prompt) <= model.context_tokens - 50


def test_a_prompt_that_does_not_fit_says_how_much_does() -> None:
    model = Characters("So.")
    room = model.context_tokens - 50

    with pytest.raises(InputError) as refused:
        _ask(_writer(model), "a" * model.context_tokens)

    tokens, fit, kept, context = map(int, re.findall(r"\d+", refused.value.message))
    assert tokens > model.context_tokens
    assert (fit, kept, context) == (room, 50, model.context_tokens)
    assert "context_tokens" in refused.value.hint


def test_a_prompt_may_take_three_quarters_of_the_context_whatever_the_reply_wants() -> None:
    model = Characters("So.")
    writer = _writer(model, max_tokens=10_000)
    around = len(PromptBuilder("chatml").build("", system_prompt=SYSTEM))

    assert _read(_ask(writer, "a" * (300 - around))) == "So."
    with pytest.raises(InputError):
        _ask(writer, "a" * (301 - around))


def test_warming_evaluates_what_prompts_share() -> None:
    model = Characters("So.")
    writer = _writer(model)

    assert writer.begin_warming(None, ())
    while writer.warm(STOP):
        pass

    assert "".join(map(chr, model.held)) == (
        f"<|im_start|>system\n{SYSTEM}<|im_end|>\n<|im_start|>user\n"
    )
    assert not writer.begin_warming(None, ())
    assert writer.begin_warming("Obey.", ())


def test_what_the_user_has_begun_to_ask_is_evaluated_before_the_rest_is_known() -> None:
    model = Characters("So.")
    writer = _writer(model)
    assert writer.begin_warming(None, (), "How are")
    while writer.warm(STOP):
        pass
    held = list(model.held)
    assert "".join(map(chr, held)).endswith("<|im_start|>user\nHow are ")
    _ask(writer, "How are you?").advance(STOP)
    assert model.batch == len(model.held) - len(held)


@pytest.mark.parametrize(
    "words", ["How are you?", "How are you", "How are you...", 'How are you?"']
)
def test_it_is_asked_whether_the_sentence_is_over_where_the_words_end(words: str) -> None:
    model = Characters("Well.")
    reply = _ask(_writer(model), words)
    while not reply.tokens:
        assert reply.prompt_ends is None
        reply.advance(STOP)
    assert reply.prompt_ends == 0.25
    assert model.asked is not None
    before, closing = model.asked
    assert "".join(map(chr, before)).endswith("How are you")
    assert set(map(chr, closing)) >= {".", "?", "!"}
