"""A set asked of a language model: what it is told, what is judged, what it comes to."""

from __future__ import annotations

import asyncio
import mmap
from collections.abc import Sequence

from heisenberg.bench.llm.evaluation import Asker, memory_mb
from heisenberg.bench.llm.evaluation_report import Answer, Judged, ModelReport, Score
from heisenberg.bench.llm.questions import QuestionSet
from heisenberg.core.config import Config, LlmConfig
from heisenberg.core.errors import EngineError
from heisenberg.llm.prompts.prompt_words import PromptWords
from tests.fakes.llm import ScriptedLanguageModel

QUESTIONS = QuestionSet.model_validate(
    {
        "forms": {
            "timer": {"schema": {"type": "object"}, "asks": {"fr": "Écris la commande en JSON."}}
        },
        "questions": [
            {
                "id": "en-rome",
                "language": "en",
                "category": "facts",
                "ask": "What is the capital of Italy?",
                "expect": {"any": ["rome"]},
            },
            {
                "id": "fr-timer",
                "language": "fr",
                "category": "commands",
                "form": "timer",
                "ask": "Dix minutes.",
                "expect": {"json": {"minutes": 10}},
            },
        ],
        "conversations": [
            {
                "id": "en-cat",
                "language": "en",
                "category": "memory",
                "turns": [
                    {"say": "My cat is called Pepper."},
                    {"say": "Two and two?", "expect": {"number": 4}},
                    {"say": "What is my cat called?", "expect": {"any": ["pepper"]}},
                ],
            }
        ],
    }
)
RIGHT = (("It", " is", " Rome."), ('{"minutes": 10}',), ("Nice.",), ("Four.",), ("Pepper.",))


async def ask(llm: ScriptedLanguageModel) -> tuple[Judged, ...]:
    asker = await Asker.load(Config(llm=LlmConfig()), QUESTIONS)
    told: list[Judged] = []
    judged = await asker.ask_all(llm, told.append)
    assert tuple(told) == judged
    return judged


async def test_right_answers_pass_and_others_say_why_not() -> None:
    assert [one.passed for one in await ask(ScriptedLanguageModel(RIGHT))] == [True] * 3
    rome, timer, cat = await ask(ScriptedLanguageModel([*RIGHT[:3], ("Five.",), ("Pepper.",)]))
    assert (rome.passed, timer.passed, cat.passed) == (True, True, False)
    assert [one.problems for one in cat.answers] == [(), ("the number 4 is not in it",), ()]
    assert [one.checked for one in cat.answers] == [False, True, True]


async def test_each_language_has_its_personality_and_a_form_its_request() -> None:
    llm = ScriptedLanguageModel(RIGHT)
    await ask(llm)
    english = await asyncio.to_thread(PromptWords.load, "default", "en")
    french = await asyncio.to_thread(PromptWords.load, "default", "fr")
    told = [request.system_prompt for request in llm.requests]
    assert told == [english.personality, french.personality, *[english.personality] * 3]
    assert [one.system_prompt for one in llm.warmed] == told
    assert llm.requests[1].prompt == "Écris la commande en JSON.\nDix minutes."


async def test_a_conversation_remembers_its_own_turns_and_no_others() -> None:
    llm = ScriptedLanguageModel(RIGHT)
    await ask(llm)
    assert [len(request.history) for request in llm.requests] == [0, 0, 0, 1, 2]
    assert llm.requests[-1].history == (
        ("My cat is called Pepper.", "Nice."),
        ("Two and two?", "Four."),
    )
    assert llm.warmed[-1].history == llm.requests[-1].history


async def test_an_answer_that_fails_is_wrong_and_the_others_are_still_asked_for() -> None:
    failing = ScriptedLanguageModel(error=EngineError("It broke."), error_at=0)
    judged = await ask(failing)
    assert [one.passed for one in judged] == [False] * 3
    assert judged[0].answers[0].problems == ("It broke.",)
    assert judged[0].answers[0].first_piece_s is None
    assert len(failing.requests) == 5


async def test_memory_is_that_of_a_process() -> None:
    before_mb = await asyncio.to_thread(memory_mb)
    # Mapped, because the heap of a process that has run long may have this much free already.
    with mmap.mmap(-1, 50_000_000, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as held:
        held.write(b"x" * len(held))
        assert await asyncio.to_thread(memory_mb) - before_mb > 40


def answer(
    *problems: str, first_s: float | None = 0.1, seconds: float = 1.1, tokens: int = 11
) -> Answer:
    return Answer("?", "!", True, problems, first_s, seconds, tokens)


def entry(name: str, language: str, category: str, *answers: Answer, talk: bool = False) -> Judged:
    return Judged(name, language, category, talk, answers)


def report(judged: Sequence[Judged], memory_mb: float | None = 500.04) -> ModelReport:
    return ModelReport("small", "inprocess", memory_mb, tuple(judged))


def test_what_an_evaluation_comes_to() -> None:
    found = report(
        [
            entry("a", "en", "facts", answer()),
            entry("b", "fr", "facts", answer("wrong", first_s=0.3, seconds=0.8)),
            entry("c", "fr", "memory", answer(), answer("wrong", first_s=0.2), talk=True),
        ]
    )
    assert found.scores() == {
        "all": Score(1, 3),
        "en": Score(1, 1),
        "fr": Score(0, 2),
        "multi-turn": Score(0, 1),
        "facts": Score(1, 2),
    }
    document = found.as_dict()
    assert document["first_token_s"] == 0.15
    assert document["tokens_s"] == round(40 / (1.0 + 0.5 + 1.0 + 0.9), 1)
    assert document["memory_mb"] == 500.0
    assert document["score"]["facts"] == {"passed": 1, "of": 2}
    assert [one["passed"] for one in document["answers"]] == [True, False, False]
    assert document["answers"][1]["answers"][0]["problems"] == ("wrong",)


def test_what_was_not_measured_is_not_made_up() -> None:
    silent = answer("It broke.", first_s=None, tokens=0)
    found = report([entry("a", "en", "facts", silent)], None)
    assert (found.first_token_s, found.tokens_s) == (None, None)
    assert found.as_dict()["memory_mb"] is None
    assert "fr" not in found.scores()
