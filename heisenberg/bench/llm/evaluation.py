"""Every question of a set, asked of one language model as a room would ask it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, Unpack

import psutil

from heisenberg.bench.llm.answer_check import Check
from heisenberg.bench.llm.evaluation_report import Answer, Judged, ModelReport
from heisenberg.bench.llm.questions import Dialogue, Question, QuestionSet
from heisenberg.core.config import Config
from heisenberg.core.conversation import Conversation
from heisenberg.core.errors import HeisenbergError
from heisenberg.core.lifecycle import Stages
from heisenberg.llm.base import (
    Generation,
    History,
    LanguageModel,
    ModelInfo,
    ReplyOptions,
    Structure,
)
from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.prompts.prompt_words import PromptWords
from heisenberg.loading.language_model import load_language_model

SEED: Final = 1
"""Unless the user has set another."""

_IN_PROCESS: Final = "inprocess"
_MB: Final = 1e6

OnJudged = Callable[[Judged], None]


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks the questions of ``questions``, with the words of each language."""

    questions: QuestionSet
    words: Mapping[str, PromptWords]
    max_history_turns: int

    @classmethod
    async def load(cls, config: Config, questions: QuestionSet) -> Asker:
        """Read the configured personality in every language that is asked in."""
        languages: set[str] = {entry.language for entry in questions.entries}
        words = {
            language: await asyncio.to_thread(PromptWords.load, config.llm.system_prompt, language)
            for language in languages
        }
        return cls(questions, words, config.llm.max_history_turns)

    async def ask_all(self, llm: LanguageModel, on_judged: OnJudged) -> tuple[Judged, ...]:
        """The judged answers, in the order of the set. An answer that fails is a wrong one."""
        judged = []
        for entry in self.questions.entries:
            one = await self._ask(llm, entry)
            judged.append(one)
            on_judged(one)
        return tuple(judged)

    async def _ask(self, llm: LanguageModel, entry: Question | Dialogue) -> Judged:
        words = self.words[entry.language]
        structure, turns = None, []
        if isinstance(entry, Dialogue):
            turns = [(turn.say, turn.expect) for turn in entry.turns]
        elif entry.form is None:
            turns = [(entry.ask, entry.expect)]
        else:
            form = self.questions.forms[entry.form]
            structure = Structure(schema=form.json_schema)
            turns = [(f"{form.asks[entry.language]}\n{entry.ask}", entry.expect)]
        told = _ToldModel(llm, words.personality, structure)
        conversation = Conversation(told, ConversationHistory(self.max_history_turns), words)
        answers = [
            await _answer(conversation, text, check, entry.language) for text, check in turns
        ]
        return Judged(
            entry.id,
            entry.language,
            entry.category,
            isinstance(entry, Dialogue),
            tuple(answers),
        )


async def evaluate(config: Config, questions: QuestionSet, on_judged: OnJudged) -> ModelReport:
    """Load the model that is configured, that one alone, and ask it everything.

    What it adds to this process's memory is measured, so the process should have done nothing
    else. Raises what loading it raises.
    """
    sampled = {"fallback": (), "seed": SEED if config.llm.seed is None else config.llm.seed}
    config = config.model_copy(update={"llm": config.llm.model_copy(update=sampled)})
    asker = await Asker.load(config, questions)
    before_mb = await asyncio.to_thread(memory_mb)
    async with Stages() as stages:
        llm = await load_language_model(config, stages)
        judged = await asker.ask_all(llm, on_judged)
        added_mb = await asyncio.to_thread(memory_mb) - before_mb
        here = llm.info.backend == _IN_PROCESS
        return ModelReport(llm.info.name, llm.info.backend, added_mb if here else None, judged)


def memory_mb() -> float:
    """What this process holds, in MB (10^6 bytes).

    On Linux its proportional set size, in which a page that several share counts for a part;
    elsewhere its resident memory.
    """
    process = psutil.Process()
    held = getattr(process.memory_full_info(), "pss", 0) or process.memory_info().rss
    return float(held) / _MB


async def _answer(
    conversation: Conversation, text: str, check: Check | None, language: str
) -> Answer:
    """One turn, and before it what a room does while nobody waits."""
    pieces: list[str] = []
    first_piece_s: float | None = None
    tokens = 0
    began_s = time.perf_counter()
    try:
        await conversation.settle()
        began_s = time.perf_counter()
        async with aclosing(conversation.reply(text)) as generation:
            async for piece in generation:
                if first_piece_s is None:
                    first_piece_s = time.perf_counter() - began_s
                pieces.append(piece)
            tokens = generation.tokens
        failure = ""
    except HeisenbergError as exc:
        failure = str(exc)
    seconds = time.perf_counter() - began_s
    reply = "".join(pieces).strip()
    problems = check.problems(reply, language) if check is not None else []
    if failure:
        problems = [failure]
    else:
        conversation.remember(text, reply)
    return Answer(text, reply, check is not None, tuple(problems), first_piece_s, seconds, tokens)


@dataclass(frozen=True, slots=True)
class _ToldModel:
    """A ``LanguageModel`` with a personality in another language than the configured one's.

    ``structure`` is what its replies must look like.
    """

    llm: LanguageModel
    personality: str
    structure: Structure | None

    @property
    def info(self) -> ModelInfo:
        return self.llm.info

    def generate(self, prompt: str, **options: Unpack[ReplyOptions]) -> Generation:
        return self.llm.generate(prompt, **self._told(options))

    async def generate_simple(self, prompt: str, **options: Unpack[ReplyOptions]) -> str:
        return await self.llm.generate_simple(prompt, **self._told(options))

    async def warm(
        self,
        *,
        system_prompt: str | None = None,
        conversation_history: History = (),
        words: str = "",
        constant: bool = False,
    ) -> None:
        system_prompt = self.personality if system_prompt is None else system_prompt
        await self.llm.warm(
            system_prompt=system_prompt,
            conversation_history=conversation_history,
            words=words,
            constant=constant,
        )

    async def aclose(self) -> None:
        await self.llm.aclose()

    def _told(self, options: ReplyOptions) -> ReplyOptions:
        told: ReplyOptions = {**options, "structure": self.structure}
        if told.get("system_prompt") is None:
            told["system_prompt"] = self.personality
        return told
