"""What is answered without a model."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from heisenberg.core.errors import ConfigError
from heisenberg.llm import canned
from heisenberg.llm.canned import CannedLLM


async def _load(language: str) -> CannedLLM:
    return await asyncio.to_thread(CannedLLM.load, language)


@pytest.mark.parametrize(
    ("language", "greeting", "thanks", "unavailable"),
    [
        ("en", "Hello there!", "Thanks a lot.", "not available"),
        ("fr", "Bonjour !", "Merci beaucoup.", "pas disponible"),
    ],
)
async def test_it_answers_what_needs_no_model_and_admits_the_rest(
    language: str, greeting: str, thanks: str, unavailable: str
) -> None:
    model = await _load(language)

    otherwise = await model.generate_simple("xyzzy")
    assert unavailable in otherwise
    assert unavailable in await model.generate_simple(greeting)
    assert unavailable not in await model.generate_simple(thanks)
    assert await model.generate_simple(greeting) != otherwise


@pytest.mark.parametrize(
    ("language", "question"),
    [("en", "What\u2019s wrong?"), ("en", "WHAT'S WRONG"), ("fr", "Qu\u2019est-ce qui se passe ?")],
)
async def test_apostrophes_hyphens_and_case_make_no_difference(
    language: str, question: str
) -> None:
    answer = await (await _load(language)).generate_simple(question)

    assert "heisenberg doctor" in answer


@pytest.mark.parametrize("question", ["What is high tide?", "Which ship is this?"])
async def test_a_word_within_a_word_is_none(question: str) -> None:
    model = await _load("en")

    assert await model.generate_simple(question) == await model.generate_simple("xyzzy")


async def test_a_language_without_replies_gets_english_ones() -> None:
    assert "not available" in await (await _load("de")).generate_simple("Guten Tag")


@pytest.mark.parametrize("content", ["", "otherwise = ", "[[intents]]\nwords = ['a']\n"])
def test_a_file_that_can_not_be_used_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    (tmp_path / "en").mkdir()
    file = tmp_path / "en" / "degraded.toml"
    file.write_text(content, encoding="utf-8")
    monkeypatch.setattr(canned, "prompts_dir", lambda: tmp_path)

    with pytest.raises(ConfigError) as refused:
        CannedLLM.load("en")
    assert str(file) in refused.value.message
