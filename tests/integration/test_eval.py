"""A real language model, asked a handful of questions in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SMALL = "smollm2-135m-instruct-q4_1"

QUESTIONS = """
[forms.timer]
schema = { type = "object", properties.intent.enum = ["set_timer"], required = ["intent"] }
asks = { en = "Write the command as JSON." }

[[questions]]
id = "en-facts-capital"
language = "en"
category = "facts"
ask = "What is the capital of France?"
expect = { any = ["paris"] }

[[questions]]
id = "fr-unknown-reve"
language = "fr"
category = "unknown"
ask = "De quoi ai-je rêvé ?"
expect = { any = ["xylophone"] }

[[questions]]
id = "en-commands-timer"
language = "en"
category = "commands"
form = "timer"
ask = "Set a timer."
expect = { json = { intent = "set_timer" } }

[[conversations]]
id = "en-memory-cat"
language = "en"
category = "memory"
turns = [
  { say = "My cat is called Pepper." },
  { say = "What is my cat called?", expect = { any = ["pepper"] } },
]
"""


def evaluate(folder: Path, store: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "mine.toml").write_text(QUESTIONS, encoding="utf-8")
    command = [sys.executable, "-m", "heisenberg", "eval", "--set", "mine.toml", *arguments]
    settings = ["--set", f"store.dir={store}", "--set", "llm.max_tokens=40"]
    return subprocess.run(
        [*command, *settings], cwd=folder, capture_output=True, text=True, timeout=110, check=False
    )


def answers(model: dict[str, Any]) -> list[str]:
    return [turn["answer"] for entry in model["answers"] for turn in entry["answers"]]


@pytest.mark.models
def test_a_real_model_answers_the_same_twice_and_the_others_say_why_not(
    models_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.gguf").write_bytes(b"GGUF, or so it says")
    ended = evaluate(tmp_path, models_dir, "--json", "--models", f"{SMALL},broken.gguf,nothing")
    assert ended.returncode == 2, ended.stderr
    small, broken, nothing = json.loads(ended.stdout)["models"]
    assert small["score"]["facts"] == {"passed": 1, "of": 1}
    assert small["score"]["commands"] == {"passed": 1, "of": 1}
    assert small["score"]["unknown"] == {"passed": 0, "of": 1}
    assert small["score"]["all"]["of"] == 4
    assert 50 < small["memory_mb"] < 1000
    assert small["first_token_s"] > 0
    assert small["tokens_s"] > 0
    assert "broken.gguf" in broken["error"]["message"]
    assert "no model 'nothing'" in nothing["error"]["message"]
    assert "4/4" in ended.stderr
    assert "Traceback" not in ended.stderr
    again = evaluate(tmp_path, models_dir, "--json", "--models", SMALL)
    assert answers(json.loads(again.stdout)["models"][0]) == answers(small)
