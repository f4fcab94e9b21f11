"""The same question in other words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from heisenberg.knowledge.embeddings import MiniLmEmbedder
from heisenberg.llm.answers.similar import SimilarQuestions

pytestmark = pytest.mark.models


@pytest_asyncio.fixture
async def similar(models_dir: Path) -> AsyncIterator[SimilarQuestions]:
    embedder = await MiniLmEmbedder.load(models_dir / "all-minilm-l6-v2-int8", "MiniLM")
    yield await asyncio.to_thread(SimilarQuestions.load, embedder)
    await embedder.aclose()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How do I boil an egg?", "How can I boil an egg?"),
        ("How many days are in a leap year?", "How many days are there in the leap year?"),
        ("What is a black hole?", "Tell me what a black hole is."),
        ("Which is the tallest mountain?", "What is the tallest mountain?"),
        ("Comment est-ce que je cuis un œuf ?", "Comment je cuis un œuf ?"),
    ],
)
async def test_other_words_for_the_same_are_the_same(
    similar: SimilarQuestions, one: str, other: str
) -> None:
    others = ["Why is the sky blue?", other, "Who wrote Hamlet?"]
    assert await similar.find(one, others) == other


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is the capital of France?", "What is the capital of Spain?"),
        ("How tall is the Eiffel Tower?", "How old is the Eiffel Tower?"),
        ("How do I turn on the light?", "How do I turn off the light?"),
        ("Which languages are supported?", "Which languages are not supported?"),
        ("How do I make pancakes?", "How do I make pancakes without eggs?"),
        ("How far does Paris lie from Lyon?", "How far does Lyon lie from Paris?"),
        ("Who painted the Mona Lisa?", "When was the Mona Lisa painted?"),
        ("What is 5 plus 7?", "What is 5 plus 8?"),
        ("Can a dog eat chocolate?", "Does a dog eat chocolate?"),
        ("Who is the president?", "Who was the president?"),
        ("What is C?", "What is C++?"),
        ("Why is the sky blue?", "Why is the sky red?"),
        ("How do I start the service?", "How do I stop the service?"),
        ("What is it?", "What is that?"),
    ],
)
async def test_what_is_only_alike_is_another_question(
    similar: SimilarQuestions, one: str, other: str
) -> None:
    assert await similar.find(one, [other]) is None
    assert await similar.find(other, [one]) is None
