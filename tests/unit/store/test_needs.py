from __future__ import annotations

import pytest

from heisenberg.core import resources
from heisenberg.core.config import Config
from heisenberg.core.errors import InputError
from heisenberg.store.catalogue import Catalogue
from heisenberg.store.needs import needs_of


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return Catalogue.load(resources.catalogue_file())


def ids(catalogue: Catalogue, *settings: str) -> list[str]:
    """The last candidate of every need, by role: where a list ends, the others were left out."""
    found = needs_of(Config.load(overrides=settings), catalogue)
    return [need.candidates[-1].id for need in found]


def test_the_default_set(shipped: Catalogue) -> None:
    assert ids(shipped) == [
        "qwen2.5-coder-0.5b-instruct-q4_k_m",
        "whisper-base",
        "en_US-joe-medium",
        "hey_jarvis",
        "smart-turn-v3.2",
        "all-minilm-l6-v2-int8",
        "openwakeword-features",
    ]


def test_the_tiny_set(shipped: Catalogue) -> None:
    assert ids(shipped, "profile=tiny")[:2] == ["smollm2-135m-instruct-q4_1", "whisper-tiny.en"]


def test_services_of_others_have_models_of_their_own(shipped: Catalogue) -> None:
    engines = [f"{role}.engine=wyoming" for role in ("stt", "tts", "wake")]
    assert ids(shipped, *engines) == [
        "qwen2.5-coder-0.5b-instruct-q4_k_m",
        "smart-turn-v3.2",
        "all-minilm-l6-v2-int8",
    ]


def test_names_in_the_settings_are_followed(shipped: Catalogue) -> None:
    found = ids(shipped, "llm.model=qwen3-0.6b-q8_0", "wake.models=alexa")
    assert found[0] == "qwen3-0.6b-q8_0"
    assert "alexa" in found
    assert "openwakeword-features" in found


@pytest.mark.parametrize(
    ("setting", "gone"),
    [
        ("llm.backend=ollama", "qwen2.5-coder-0.5b-instruct-q4_k_m"),
        ("llm.model=/home/me/mine.gguf", "qwen2.5-coder-0.5b-instruct-q4_k_m"),
        ("tts.voice=~/voices/mine.onnx", "en_US-joe-medium"),
        ("wake.enabled=false", "hey_jarvis"),
        ("turn.detector=none", "smart-turn-v3.2"),
        ("knowledge.embedding=~/models/multilingual", "all-minilm-l6-v2-int8"),
    ],
)
def test_what_is_not_used_is_not_needed(shipped: Catalogue, setting: str, gone: str) -> None:
    assert gone in ids(shipped)
    assert gone not in ids(shipped, setting)


def test_an_unknown_name_is_said(shipped: Catalogue) -> None:
    with pytest.raises(InputError, match="no model 'gpt'"):
        ids(shipped, "llm.model=gpt")
