"""Where settings come from, and what is said about wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from heisenberg.core.config import Config
from heisenberg.core.errors import ConfigError


def test_the_language_model_section_has_its_documented_defaults() -> None:
    llm = Config.load().llm
    assert llm.endpoint == "http://localhost:8080/completion"
    assert (llm.temperature, llm.max_tokens, llm.top_p, llm.top_k) == (0.7, 512, 0.9, 40)
    assert (llm.repeat_penalty, llm.max_history_turns, llm.timeout_seconds) == (1.1, 5, 30)
    assert llm.backend == "inprocess"


def test_answers_are_given_again_to_programs_alone_unless_it_is_set() -> None:
    cache = Config.load().cache
    assert (cache.voice, cache.api, cache.entries) == (False, True, 256)


def test_command_line_beats_environment_beats_file_beats_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[llm]\ntop_k = 1\ntop_p = 0.1\ntemperature = 0.1\n", encoding="utf-8")
    monkeypatch.setenv("HEISENBERG_LLM__TOP_P", "0.2")
    monkeypatch.setenv("HEISENBERG_LLM__TEMPERATURE", "0.2")
    llm = Config.load(file, ["llm.temperature=0.3"]).llm
    assert (llm.top_k, llm.top_p, llm.temperature, llm.repeat_penalty) == (1, 0.2, 0.3, 1.1)
    assert llm.model_fields_set == {"top_k", "top_p", "temperature"}


def test_the_file_in_the_working_folder_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "heisenberg.toml").write_text('languages = ["fr", "en"]', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert Config.load().languages == ("fr", "en")


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("llm.temprature=0.2", "there is no setting 'llm.temprature'"),
        ("microphone=1", "there is no setting 'microphone'"),
        ("llm.temperature=9", "llm.temperature = 9"),
        ("llm.top_k=many", "llm.top_k = 'many'"),
        ("languages=[]", "languages"),
        ("languages=['english']", "languages"),
        ("profile=huge", "profile = 'huge'"),
        ("llm=3", "llm = 3"),
        ("temperature", "is not a setting"),
        ("llm..x=1", "is not a setting"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_wrong(setting: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.load(overrides=[setting])
    assert expected in caught.value.message
    assert caught.value.hint
    assert caught.value.exit_code == 2


def test_an_unknown_key_in_the_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[wake]\ntreshold = 0.4\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"there is no setting 'wake\.treshold'"):
        Config.load(file)


@pytest.mark.parametrize(
    ("content", "expected"),
    [(None, "can't be read"), (b"[llm\n", "not valid TOML"), (b"\xff\xfe", "not valid TOML")],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, content: bytes | None, expected: str
) -> None:
    file = tmp_path / "mine.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=expected) as caught:
        Config.load(file)
    assert str(file) in caught.value.message


def test_the_configuration_cannot_be_changed_after_it_was_read() -> None:
    config = Config.load()
    with pytest.raises(ValidationError):
        config.llm.temperature = 0.1  # type: ignore[misc] # that it can't is what is tested


@pytest.mark.parametrize("name", ["HEISENBERG_MODEL", "IA_MODEL"])
def test_a_model_can_be_named_by_a_variable_of_its_own(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, "smollm2-135m-instruct-q4_1")
    monkeypatch.setenv("HEISENBERG_LLM__MODEL", "another")
    monkeypatch.setenv("HEISENBERG_LLM__SEED", "5")

    found = Config.load().llm
    assert (found.model, found.seed) == ("smollm2-135m-instruct-q4_1", 5)
    assert Config.load(None, ["llm.model=third"]).llm.model == "third"


def test_keys_are_not_shown() -> None:
    config = Config.load(None, ["llm.api_key=s3cret", "cloud.api_key=s3cret"])

    assert "s3cret" not in repr(config)
    assert "s3cret" not in config.model_dump_json()
    assert config.llm.key == "s3cret"
