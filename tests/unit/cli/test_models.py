from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from heisenberg.cli.models import app
from heisenberg.core import resources
from heisenberg.core.errors import (
    ConfigError,
    HeisenbergError,
    InputError,
    ModelMissing,
    StoreError,
)
from tests.fakes.website import Website, closed_port, website

BODY = b"weights" * 100_000
ROLES = ("llm", "stt", "tts", "wake", "turn", "embedding")


@dataclass
class Terminal:
    """Runs ``heisenberg models …`` on a catalogue and a store of its own."""

    store: Path
    web: Website

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--set", f"store.dir={self.store}"])

    def document(self, *arguments: str) -> dict[str, object]:
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        document = json.loads(result.stdout)
        assert isinstance(document, dict)
        return document

    def fail(self, *arguments: str) -> HeisenbergError:
        error = self.run(*arguments).exception
        assert isinstance(error, HeisenbergError)
        return error


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """A catalogue with one model a role, and a language model before it that is out of reach."""
    for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with website() as web:
        urls = {f"{role}-model": web.put(f"/{role}", BODY) for role in ROLES}
        urls["llm-lost"] = f"http://127.0.0.1:{closed_port()}/lost"
        text = "[profiles.default]\n"
        text += "".join(f'{role} = ["{role}-model"]\n' for role in ROLES[1:])
        text += 'llm = ["llm-lost", "llm-model"]\n'
        text += "".join(entry(name, url) for name, url in urls.items())
        (tmp_path / "catalogue.toml").write_text(text)
        monkeypatch.setattr(resources, "catalogue_file", lambda: tmp_path / "catalogue.toml")
        yield Terminal(tmp_path / "store", web)


def entry(name: str, url: str) -> str:
    return f"""
[[models]]
id = "{name}"
role = "{name.partition("-")[0]}"
name = "{name.title()}"
description = "A model"
languages = ["en"]
licence = "CC-BY-NC-4.0"
licence_note = "not for commercial use"
memory_mb = 1
[[models.files]]
name = "file.bin"
size = {len(BODY)}
sha256 = "{hashlib.sha256(BODY).hexdigest()}"
sources = [{{ url = "{url}" }}]
"""


def wake() -> tuple[str, str]:
    return "--set", "wake.models=auto"


def test_pull_names_what_it_chose_and_why(terminal: Terminal) -> None:
    result = terminal.run("pull", *wake())
    assert result.exit_code == 0, result.output
    first, why = result.stdout.splitlines()[:2]
    assert "language model: chose Llm-Model" in first
    assert terminal.web.site in first
    assert "CC-BY-NC-4.0 (not for commercial use)" in first
    assert "Llm-Lost: 127.0.0.1" in why
    assert "out of reach (connection refused)" in why
    assert str(terminal.store) in result.stdout
    assert "stt-model/file.bin: 700 kB, complete" in result.stderr


def test_a_second_pull_asks_for_nothing(terminal: Terminal) -> None:
    terminal.run("pull", *wake())
    asked = len(terminal.web.asked)
    connections = terminal.web.connections
    result = terminal.run("pull", *wake())
    assert result.exit_code == 0
    assert "Llm-Model, already here" in result.stdout
    assert (len(terminal.web.asked), terminal.web.connections) == (asked, connections)


def test_pull_of_named_models_fetches_those(terminal: Terminal) -> None:
    document = terminal.document("pull", "stt-model")
    assert document["models"] == [
        {
            "role": "stt",
            "id": "stt-model",
            "fetched": True,
            "origins": [terminal.web.site],
            "licence": "CC-BY-NC-4.0",
            "licence_note": "not for commercial use",
            "skipped": [],
        }
    ]
    assert [path.name for path in terminal.store.iterdir() if path.name[0] != "."] == ["stt-model"]


def test_pull_that_fails_says_what_is_missing(terminal: Terminal) -> None:
    error = terminal.fail("pull", "llm-lost")
    assert isinstance(error, StoreError)
    assert error.exit_code == 1
    assert "Could not be fetched: llm-lost." in error.message
    assert "connection refused" in error.message


@pytest.mark.parametrize(
    ("arguments", "kind", "said"),
    [
        (("pull", "stt-modle"), InputError, "stt-model"),
        (("verify", "stt-modle"), InputError, "stt-model"),
        (("pull", "--profile", "huge"), ConfigError, "profile"),
        (("pull", "--language", "english"), ConfigError, "languages"),
        (("pull", "--language", "fr", *wake()), ConfigError, "fr"),
        (("list", "--set", "llm.modle=x"), ConfigError, "llm.modle"),
    ],
)
def test_wrong_use_is_said(
    terminal: Terminal, arguments: tuple[str, ...], kind: type[HeisenbergError], said: str
) -> None:
    error = terminal.fail(*arguments)
    assert isinstance(error, kind)
    assert error.exit_code == 2
    assert said in str(error)


def test_ctrl_c_is_one_line(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("heisenberg.store.pull.pull", interrupt)
    result = terminal.run("pull", "stt-model")
    assert result.exit_code == 130
    assert result.output == "Stopped. The same command goes on from here.\n"


def test_list_tells_what_is_used_and_what_is_here(terminal: Terminal) -> None:
    terminal.run("pull", "llm-model")
    result = terminal.run("list", *wake())
    assert result.exit_code == 0, result.output
    lines = {line.split()[-1]: line for line in result.stdout.splitlines() if "-model" in line}
    assert "yes" in lines
    assert lines["yes"].startswith("*")
    assert "llm-model" in lines["yes"]
    assert "(1) not for commercial use" in result.stdout


def test_list_as_json(terminal: Terminal) -> None:
    terminal.run("pull", "llm-model")
    document = terminal.document("list", *wake())
    models = document["models"]
    assert isinstance(models, list)
    row = next(one for one in models if one["id"] == "llm-model")
    assert row["presence"] == "installed"
    assert row["used"] is True
    assert row["size_bytes"] == len(BODY)
    lost = next(one for one in models if one["id"] == "llm-lost")
    assert (lost["presence"], lost["used"]) == ("absent", False)


def test_verify_tells_whole_from_damaged(terminal: Terminal) -> None:
    terminal.run("pull", "llm-model", "stt-model")
    assert terminal.run("verify").exit_code == 0
    (terminal.store / "stt-model" / "file.bin").write_bytes(bytes(len(BODY)))
    result = terminal.run("verify")
    assert result.exit_code == 1
    assert result.stdout == "llm-model: whole\n"
    assert "wrong sha256" in result.stderr
    assert "'heisenberg models pull stt-model' fetches it again." in result.stderr
    assert result.stderr.count("\n") == 1
    assert terminal.run("verify", "llm-model").exit_code == 0
    terminal.run("pull", "stt-model")
    assert terminal.run("verify").exit_code == 0


def test_verify_as_json(terminal: Terminal) -> None:
    terminal.run("pull", "stt-model")
    assert terminal.document("verify")["models"] == {"stt-model": []}


@pytest.mark.parametrize("arguments", [("verify",), ("verify", "stt-model")])
def test_verify_of_what_is_not_here(terminal: Terminal, arguments: tuple[str, ...]) -> None:
    error = terminal.fail(*arguments)
    assert isinstance(error, ModelMissing)
    assert error.exit_code == 3
    assert "heisenberg models pull" in error.hint
