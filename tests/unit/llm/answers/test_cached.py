"""The same question twice: when the model is asked again, and when not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.config import CacheConfig, LlmConfig
from heisenberg.core.errors import EngineError, InputError
from heisenberg.llm.answers import cached
from heisenberg.llm.answers.answer_cache import AnswerCache
from heisenberg.llm.answers.cached import CachedLLM, with_cache
from heisenberg.llm.answers.uncached import Uncached
from heisenberg.llm.base import ModelInfo, Rank, ReplyOptions, Structure
from heisenberg.llm.canned import CannedLLM
from heisenberg.llm.chain import ModelChain
from heisenberg.llm.generation import Progress, StreamedGeneration
from heisenberg.llm.stream import LlamaCppLLM
from tests.fakes.llm import ScriptedLanguageModel

QUESTION = "What is the capital of France?"
PIECES = ("Paris", " is", " it.")
ANSWER = "".join(PIECES)
UNCACHED = Uncached.load()
OTHER_CONTEXTS: tuple[ReplyOptions, ...] = (
    {"conversation_history": [("What is the capital of Spain?", "Madrid.")]},
    {"system_prompt": "Known of the user: they live in Lyon."},
    {"system_prompt": ""},
    {"max_tokens": 7},
    {"sampling": {"temperature": 0.0}},
    {"structure": Structure(schema={"type": "string"})},
    {"structure": Structure(grammar='root ::= "Paris"')},
    {"begun": "The capital"},
    {"grounds": "Here is a document."},
    {"model": "small"},
)


class Named(ScriptedLanguageModel):
    """A model with a name and a back end of its own, which may change."""

    name = "small"
    backend = "inprocess"

    @property
    def info(self) -> ModelInfo:
        return ModelInfo(self.name, self.backend, 4096)


def _cached(llm: Any, *, ranks: Sequence[Rank] = (Rank.API,), entries: int = 16) -> CachedLLM:
    return CachedLLM(llm, AnswerCache(entries), UNCACHED, ranks=ranks)


@dataclass(frozen=True)
class Replied:
    text: str
    tokens: int
    prompt_tokens: int
    prompt_ends: float | None
    model: ModelInfo


async def _ask(llm: CachedLLM, prompt: str = QUESTION, **options: Any) -> Replied:
    async with aclosing(llm.generate(prompt, **{"rank": Rank.API, **options})) as reply:
        text = "".join([piece async for piece in reply])
        return Replied(text, reply.tokens, reply.prompt_tokens, reply.prompt_ends, reply.model)


async def test_the_same_question_gets_the_same_reply_without_the_model() -> None:
    model = ScriptedLanguageModel([PIECES, ("Another reply.",)])
    llm = _cached(model)

    first = await _ask(llm)
    again = await _ask(llm)
    politely = await _ask(llm, "Please tell me, what is the capital of France?!")

    assert first.text == ANSWER
    assert first == again == politely
    assert (again.tokens, again.prompt_tokens, again.model) == (3, 6, model.info)
    assert len(model.requests) == 1


async def test_a_reply_that_is_given_again_is_not_known_before_it_is_read() -> None:
    model = ScriptedLanguageModel([PIECES])
    llm = _cached(model)
    await _ask(llm)

    reply = llm.generate(QUESTION, rank=Rank.API)
    assert (reply.tokens, reply.prompt_ends) == (0, None)
    assert await anext(reply) == ANSWER
    assert (reply.tokens, reply.prompt_ends) == (3, 0.9)
    await reply.aclose()
    assert [piece async for piece in reply] == []


@pytest.mark.parametrize("other", OTHER_CONTEXTS)
async def test_in_any_other_context_the_model_is_asked(other: ReplyOptions) -> None:
    model = Named([("Bare.",), ("In context.",)])
    llm = _cached(model)

    assert (await _ask(llm)).text == "Bare."
    assert (await _ask(llm, **other)).text == "In context."
    assert (await _ask(llm)).text == "Bare."
    assert (await _ask(llm, **other)).text == "In context."
    assert len(model.requests) == 2


def test_every_option_that_counts_is_seen_to_count() -> None:
    assert {"rank", *(name for one in OTHER_CONTEXTS for name in one)} == cached._COUNTED


async def test_a_reply_that_is_told_something_else_is_never_kept() -> None:
    class Tooled(ScriptedLanguageModel):
        def generate(self, prompt: str, **options: Any) -> StreamedGeneration:
            options.pop("tools", None)
            return super().generate(prompt, **options)

    model = Tooled([PIECES])
    llm = _cached(model)
    await _ask(llm, tools=["clock"])
    await _ask(llm, tools=["clock"])
    await _ask(llm)

    assert len(model.requests) == 3


async def test_the_order_of_a_schemas_properties_counts() -> None:
    model = ScriptedLanguageModel([PIECES])
    llm = _cached(model)
    for names in (("a", "b"), ("b", "a")):
        schema = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
        await _ask(llm, structure=Structure(schema=schema))

    assert len(model.requests) == 2


@pytest.mark.parametrize("field", ["name", "backend"])
async def test_another_model_answers_for_itself(field: str) -> None:
    model = Named([("The first's.",), ("The other's.",)])
    llm = _cached(model)
    await _ask(llm)
    setattr(model, field, "another")

    assert (await _ask(llm)).text == "The other's."
    setattr(model, field, getattr(Named, field))
    assert (await _ask(llm)).text == "The first's."


@pytest.mark.parametrize("rank", [None, *(set(Rank) - {Rank.API})])
async def test_for_other_ranks_nothing_is_kept_or_given_again(rank: Rank | None) -> None:
    model = ScriptedLanguageModel([PIECES])
    llm = _cached(model)
    options: ReplyOptions = {} if rank is None else {"rank": rank}
    await llm.generate_simple(QUESTION, **options)
    await _ask(llm)
    await llm.generate_simple(QUESTION, **options)

    assert len(model.requests) == 3


@pytest.mark.parametrize(
    "question",
    [
        "What time is it?",
        "What is my name?",
        "Comment je m'appelle ?",
        "Tell me another joke.",
        "Remember that the key is under the mat.",
    ],
)
async def test_what_is_personal_or_changes_is_never_kept(question: str) -> None:
    model = ScriptedLanguageModel([PIECES])
    llm = _cached(model)
    await _ask(llm, question)
    await _ask(llm, question)

    assert len(model.requests) == 2


async def test_how_i_do_it_is_kept_where_documents_say_so() -> None:
    model = ScriptedLanguageModel([PIECES])
    llm = _cached(model)
    for _ in range(2):
        reply = await _ask(llm, "How do I hold a key?", grounds="Hold F9.")
        assert reply.text == ANSWER

    assert len(model.requests) == 1


@pytest.mark.parametrize(
    ("pieces", "options"),
    [
        (PIECES, {"max_tokens": 2}),
        ((), {}),
        ((" ", "\n"), {}),
        (("on ", "and ") * 3, {}),
    ],
    ids=["at the limit asked for", "empty", "blank", "nothing special"],
)
async def test_a_reply_that_is_not_whole_is_not_kept(
    pieces: Sequence[str], options: ReplyOptions, request: pytest.FixtureRequest
) -> None:
    model = ScriptedLanguageModel([pieces])
    llm = _cached(model)
    await _ask(llm, **options)
    await _ask(llm, **options)

    is_whole = "nothing special" in request.node.name
    assert len(model.requests) == (1 if is_whole else 2)


async def test_a_reply_that_filled_the_context_is_not_kept() -> None:
    model = ScriptedLanguageModel([PIECES], context_tokens=len(QUESTION.split()) + len(PIECES))
    llm = _cached(model)
    await _ask(llm)
    await _ask(llm)

    assert len(model.requests) == 2


async def test_a_reply_that_was_ended_because_it_went_round_in_circles_is_not_kept() -> None:
    model = ScriptedLanguageModel([("it goes round and round " * 6,), PIECES])
    llm = _cached(model)

    assert "round" in (await _ask(llm)).text
    assert (await _ask(llm)).text == ANSWER


async def test_a_reply_that_failed_in_its_middle_is_not_kept() -> None:
    model = ScriptedLanguageModel([PIECES], error=EngineError("It is down."), error_at=2)
    llm = _cached(model)
    with pytest.raises(EngineError):
        await _ask(llm)
    model.error = None

    assert (await _ask(llm)).text == ANSWER
    assert len(model.requests) == 2


async def test_a_reply_that_was_cancelled_in_its_middle_is_not_kept() -> None:
    gate = asyncio.Event()
    model = ScriptedLanguageModel([PIECES], gates={2: gate})
    llm = _cached(model)
    asking = asyncio.create_task(_ask(llm))
    await model.began.wait()
    await cancel_and_wait(asking)
    gate.set()

    assert asking.cancelled()
    assert (await _ask(llm)).text == ANSWER
    assert len(model.requests) == 2


async def test_a_reply_that_was_closed_early_is_not_kept() -> None:
    model = ScriptedLanguageModel([PIECES])
    llm = _cached(model)
    async with aclosing(llm.generate(QUESTION, rank=Rank.API)) as reply:
        assert await anext(reply) == PIECES[0]

    assert (await _ask(llm)).text == ANSWER
    assert len(model.requests) == 2


async def test_what_is_said_while_no_model_can_answer_does_not_outlive_that() -> None:
    llm = _cached(CannedLLM([], "Out of order."))
    await _ask(llm)

    assert len(llm._answers) == 0


async def test_only_what_is_written_by_who_was_to_answer_is_kept() -> None:
    ill, other = Named([("Pa",), PIECES]), ScriptedLanguageModel([("ris.",)])
    ill.error, ill._error_at = EngineError("It is down."), 0
    chain = ModelChain([ill, other])
    llm = _cached(chain)
    assert (await _ask(llm)).model == other.info

    # From now on the other one is to answer, and is known to have done.
    await _ask(llm)
    await _ask(llm)

    assert len(other.requests) == 2
    await llm.aclose()


async def test_a_reply_of_two_models_is_not_kept() -> None:
    class Half(Named):
        def generate(self, prompt: str, **options: Any) -> StreamedGeneration:
            progress = Progress(self.info)
            whole = super().generate(prompt, **options)

            async def write() -> Any:
                async for piece in whole:
                    progress.follow(whole)
                    yield piece
                progress.model = ModelInfo("another", "inprocess", 4096)

            return StreamedGeneration(write(), progress)

    model = Half([PIECES])
    llm = _cached(model)
    await _ask(llm)
    await _ask(llm)

    assert len(model.requests) == 2


async def test_two_who_ask_at_once_are_both_answered_by_the_model() -> None:
    gate = asyncio.Event()
    model = ScriptedLanguageModel([PIECES], gates={1: gate})
    llm = _cached(model)
    first, second = (asyncio.create_task(_ask(llm)) for _ in range(2))
    await model.began.wait()
    gate.set()

    assert (await first).text == (await second).text == ANSWER
    assert len(model.requests) == 2


async def test_who_forgets_is_answered_anew() -> None:
    model = ScriptedLanguageModel([PIECES])
    llm = _cached(model)
    await _ask(llm)
    llm.forget()

    assert len(llm._answers) == 0
    await _ask(llm)
    assert len(model.requests) == 2


async def test_a_reply_that_is_being_written_while_all_is_forgotten_is_forgotten_too() -> None:
    gate = asyncio.Event()
    model = ScriptedLanguageModel([PIECES], gates={2: gate})
    llm = _cached(model)
    asking = asyncio.create_task(_ask(llm))
    await model.began.wait()
    llm.forget()
    gate.set()

    assert (await asking).text == ANSWER
    assert len(llm._answers) == 0


async def test_a_very_long_prompt_goes_to_the_model() -> None:
    model = ScriptedLanguageModel([PIECES], context_tokens=100_000)
    llm = _cached(model)
    for _ in range(2):
        await _ask(llm, "word " * 4000)

    assert len(model.requests) == 2


async def test_what_can_not_be_answered_is_refused_as_ever() -> None:
    llm = _cached(ScriptedLanguageModel([PIECES]))
    for _ in range(2):
        with pytest.raises(InputError):
            await _ask(llm, "")
        with pytest.raises(InputError):
            await _ask(llm, begun="One", structure=Structure(grammar='root ::= "1"'))


async def test_a_closed_model_gives_no_answer_again() -> None:
    llm = _cached(ScriptedLanguageModel([PIECES]))
    await _ask(llm)
    await llm.aclose()

    with pytest.raises(EngineError):
        await _ask(llm)


@pytest.mark.parametrize(
    ("config", "rank", "times"),
    [
        (CacheConfig(), Rank.API, 1),
        (CacheConfig(), Rank.VOICE, 2),
        (CacheConfig(voice=True), Rank.VOICE, 1),
        (CacheConfig(voice=True), Rank.SATELLITE, 1),
        (CacheConfig(voice=True, api=False), Rank.API, 2),
        (CacheConfig(voice=True), Rank.COMPRESSION, 2),
        (CacheConfig(api=False), Rank.API, 2),
    ],
)
async def test_who_is_answered_again_can_be_set(
    config: CacheConfig, rank: Rank, times: int
) -> None:
    model = ScriptedLanguageModel([PIECES])
    llm = await with_cache(model, config)
    for _ in range(2):
        assert await llm.generate_simple(QUESTION, rank=rank) == ANSWER

    assert len(model.requests) == times


async def test_no_more_answers_are_kept_than_is_set() -> None:
    model = ScriptedLanguageModel([PIECES])
    llm = await with_cache(model, CacheConfig(entries=2))
    for country in ("France", "Spain", "Italy", "France"):
        await llm.generate_simple(f"What is the capital of {country}?", rank=Rank.API)

    assert len(model.requests) == 4


@pytest.mark.models
async def test_a_real_model_is_not_asked_the_same_twice(
    models_dir: Path, evaluated: list[int]
) -> None:
    path = next((models_dir / "smollm2-135m-instruct-q4_1").glob("*.gguf"))
    config = LlmConfig(model=str(path), temperature=0.0, context_tokens=512)
    llm = await with_cache(LlamaCppLLM(config), CacheConfig())
    assert isinstance(llm, CachedLLM)
    first = await _ask(llm)
    work = len(evaluated)
    again = await _ask(llm, "what is the capital of France, please")

    await llm.aclose()

    assert "Paris" in first.text
    assert again == first
    assert len(evaluated) == work > 0
