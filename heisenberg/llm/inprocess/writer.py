"""A loaded model at work, on its own thread: prompts evaluated, replies written step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from heisenberg.core.config import LlmConfig
from heisenberg.core.errors import EngineError
from heisenberg.llm.base import History, Sampling, Structure
from heisenberg.llm.inprocess.library import llama_library
from heisenberg.llm.inprocess.llamacpp import BATCH_TOKENS, LlamaCpp, StopFlag
from heisenberg.llm.inprocess.pieces import Pieces
from heisenberg.llm.inprocess.prompt_cache import Parked, PromptMemory, Question, common_length
from heisenberg.llm.inprocess.prompt_states import PromptStates, file_identity
from heisenberg.llm.inprocess.sampler import Sampler
from heisenberg.llm.prompts import PromptBuilder, opens_thought, system_prompt
from heisenberg.llm.prompts.budget import check_question, prompt_room, shorter_and_shorter, too_long
from heisenberg.llm.prompts.sentence_end import closing_texts, without_end
from heisenberg.llm.prompts.template import ChatTemplate
from heisenberg.llm.request import Request
from heisenberg.llm.tools.talk_or_calls import check_tools

_CLOSING_TOKENS: Final = 64
"""The last of those that a reply may have, in which it is brought to its end."""


@dataclass(frozen=True, slots=True)
class ParkedWork:
    """A prompt that is being evaluated or answered, put away, and where its state is to be kept;
    ``pins``: before all others, too."""

    prompt: Parked
    saves_to: PromptStates | None
    pins: bool


class Writer:
    """Turns requests into replies, one at a time. It blocks."""

    def __init__(
        self,
        model: LlamaCpp,
        builder: PromptBuilder,
        system_prompt: str,
        sampling: Sampling,
        states: PromptStates | None = None,
    ) -> None:
        """``states`` is where the evaluated ``system_prompt`` outlives the process."""
        self._model = model
        self._builder = builder
        self._system_prompt = system_prompt
        self._sampling = sampling
        self._memory = PromptMemory(model, rolls_back=model.rolls_back)
        self._closing = sorted(model.single_tokens(closing_texts()))
        self._states = states
        self._saves_to: PromptStates | None = None
        self._pins = False

    @classmethod
    def load(
        cls,
        path: Path,
        config: LlmConfig,
        *,
        sampling: Sampling,
        language: str,
        stop: StopFlag,
        states_folder: Path | None = None,
        on_progress: Callable[[float], None] = lambda _share: None,
    ) -> Writer:
        """Load the model; ``on_progress`` is as in ``LlamaCpp.load``.

        Raises ``ModelMissing``, ``LoadFailed``, ``ConfigError``.
        """
        personality = system_prompt(config.system_prompt, language)
        # Before the file is read: one that replaces it meanwhile is not what the states are of.
        file = file_identity(path)
        model = LlamaCpp.load(
            path,
            context_tokens=config.context_tokens,
            threads=config.threads,
            stop=stop,
            on_progress=on_progress,
        )
        try:
            source = model.chat_template if config.prompt_format == "auto" else None
            builder = PromptBuilder(
                config.prompt_format,
                template=ChatTemplate(source, bos=model.bos, eos=model.eos) if source else None,
                special=model.special_texts,
            )
            states = None
            if states_folder is not None:
                origin = (file, llama_library().build, model.context_tokens, BATCH_TOKENS)
                states = PromptStates(states_folder, *origin)
        except BaseException:
            model.close()
            raise
        return cls(model, builder, personality, sampling, states)

    @property
    def context_tokens(self) -> int:
        return self._model.context_tokens

    @property
    def prompt_tokens_s(self) -> float | None:
        """How fast prompts were evaluated lately."""
        return self._model.prompt_tokens_s

    def begin(self, request: Request) -> Reply:
        """Start a reply; nothing is evaluated yet.

        Raises ``InputError`` for an empty prompt, and for one too long for the context even
        without history.
        """
        check_question(request.prompt)
        sampling = request.sampling(self._sampling)
        if request.system_prompt is None:
            request = replace(request, system_prompt=self._system_prompt)
        sampler = self._model.sampler(sampling, self._form(request))
        text, tokens, request = self._fit(request, sampling.max_tokens)
        begun = bool(request.begun.strip())
        self._saves_to, self._pins = None, False
        self._memory.begin(
            tokens,
            shared=self._shared_by_later(request),
            question=self._is_it_over(request, tokens),
        )
        return Reply(
            self._model,
            self._memory,
            sampler,
            Pieces(self._builder.stops, thinking=opens_thought(text), begun=begun),
            max_tokens=min(sampling.max_tokens, self.context_tokens - len(tokens)),
            prompt_tokens=len(tokens),
            markers=self._model.single_tokens(self._markers(request)),
        )

    def begin_warming(
        self, system: str | None, history: History, words: str = "", constant: bool = False
    ) -> bool:
        """Turn to what the next prompt begins with, however the user goes on after ``words``;
        ``constant``: nobody has said any of it.

        ``warm`` is then to be called until it says that it is done; False: there is nothing to do.
        Raises ``InputError`` when the words are too long for the context.
        """
        unsaid = constant or (system is None and not words)
        system = self._system_prompt if system is None else system
        request = Request(words or "?", history, system)
        _, _, fitting = self._fit(request, self._sampling.max_tokens)
        beginning = self._beginning(fitting, words)
        if not beginning or self._memory.starts_with(beginning):
            return False
        # Nothing that anybody said may reach the disk.
        states = self._states if unsaid and (constant or not fitting.history) else None
        if states and self._resume(beginning, states):
            if constant:
                self._memory.pin()
            return False
        self._saves_to, self._pins = states, constant
        self._memory.begin(beginning, shared=self._shared_by_later(fitting))
        return True

    def warm(self, stop: StopFlag) -> bool:
        """Evaluate one batch more, unless ``stop`` cuts it short; whether more is to do."""
        if self._memory.advance(stop) and self._memory.ready:
            if self._saves_to:
                self._saves_to.write(self._memory.held, self._model.save())
            if self._pins:
                self._memory.pin()
        return not self._memory.ready

    def park(self) -> ParkedWork:
        """Put away what is being worked on: another prompt is to be begun."""
        return ParkedWork(self._memory.park(), self._saves_to, self._pins)

    def unpark(self, parked: ParkedWork) -> None:
        """Go on with what was parked."""
        self._memory.unpark(parked.prompt)
        self._saves_to, self._pins = parked.saves_to, parked.pins

    def close(self) -> None:
        self._model.close()

    def _resume(self, beginning: list[int], states: PromptStates) -> bool:
        """Go on from the state that an earlier process saved, if there is one."""
        state = states.read(beginning)
        if state is None:
            return False
        try:
            self._memory.resume(beginning, state)
        except EngineError as exc:
            states.refuse(beginning, exc.message)
            return False
        return True

    def _form(self, request: Request) -> Structure | None:
        """What every reply to ``request`` looks like."""
        if not (request.tools or request.results):
            return request.structure
        check_tools(request.tools)
        return Structure(grammar=self._builder.tool_format.grammar(request.tools))

    def _markers(self, request: Request) -> Sequence[str]:
        return self._builder.tool_format.markers if request.tools else ()

    def _fit(self, request: Request, max_tokens: int) -> tuple[str, list[int], Request]:
        """The prompt with as much history as leaves room for the reply, and what it is of."""
        room = prompt_room(self.context_tokens, max_tokens)
        for history in shorter_and_shorter(request.history):
            fitting = replace(request, history=history)
            text = self._build(fitting)
            tokens = self._model.tokenize(text)
            if len(tokens) <= room:
                return text, tokens, fitting
        raise too_long(len(tokens), self.context_tokens, room)

    def _build(self, request: Request) -> str:
        return self._builder.build(
            request.message,
            history=request.history,
            system_prompt=request.system_prompt or "",
            begun=request.begun,
            tools=request.tools,
            results=request.results,
        )

    def _is_it_over(self, request: Request, prompt: list[int]) -> Question | None:
        """How probable is it that the sentence in ``prompt`` ends where the user's words end?"""
        bare = without_end(request.prompt)
        ends = (
            self._model.tokenize(self._build(replace(request, prompt=text)))
            for text in (f"{bare}?", f"{bare} and")
        )
        count = min(common_length(prompt, end) for end in ends)
        return Question(count - 1, self._closing) if bare and count > 1 else None

    def _shared_by_later(self, request: Request) -> tuple[int, ...]:
        """Where the system prompt ends, and the history, for a model that needs copies there."""
        if self._model.rolls_back:
            return ()
        alone = replace(request, history=())
        return len(self._beginning(alone)), len(self._beginning(request))

    def _beginning(self, request: Request, words: str = "") -> list[int]:
        """The tokens with which a prompt begins whatever the user says, after ``words``."""
        one, other = (
            self._model.tokenize(self._build(replace(request, prompt=f"{words} {more}".lstrip())))
            for more in ("A", "1")
        )
        return one[: common_length(one, other)]


class Reply:
    """A reply being written; ``advance`` until it has ended."""

    def __init__(
        self,
        model: LlamaCpp,
        memory: PromptMemory,
        sampler: Sampler,
        pieces: Pieces,
        *,
        max_tokens: int,
        prompt_tokens: int,
        markers: Mapping[int, str],
    ) -> None:
        """``markers`` are control tokens whose text belongs to the reply."""
        self._model = model
        self._memory = memory
        self._sampler = sampler
        self._pieces = pieces
        self._max_tokens = max_tokens
        self._prompt_tokens = prompt_tokens
        self._markers = markers
        self._last: int | None = None
        self.tokens = 0
        self.prompt_tokens = 0
        self.prompt_ends: float | None = None
        self.ended = False
        self.cut_off = False

    def advance(self, stop: StopFlag) -> str:
        """One batch of the prompt or one token of the reply: the text that is final with it.

        Cut short by ``stop``, it has done nothing and can be called again.
        """
        if not self._evaluate(stop) or not self._memory.ready:
            return ""
        self.prompt_tokens = self._prompt_tokens
        self.prompt_ends = self._memory.answer
        left = self._max_tokens - self.tokens
        closes = left <= min(_CLOSING_TOKENS, self._max_tokens // 4)
        token = self._model.sample(self._sampler, closes=closes)
        if self._model.is_end(token):
            self.ended = True
            self.cut_off = self._sampler.closed_early
            return self._pieces.end()
        self._last = token
        self.tokens += 1
        marker = self._markers.get(token)
        text = self._pieces.add(marker.encode() if marker else self._model.piece(token))
        self.cut_off = not self._pieces.stopped and self.tokens >= self._max_tokens
        self.ended = self._pieces.stopped or self.cut_off
        return text + self._pieces.end() if self.ended else text

    def _evaluate(self, stop: StopFlag) -> bool:
        if self._last is None:
            return self._memory.advance(stop)
        last, self._last = self._last, None
        return self._memory.append(last, stop)
