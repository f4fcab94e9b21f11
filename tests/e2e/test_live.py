"""The daemon on a sound card: PortAudio's microphone and speaker, at real-time pace."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from heisenberg.audio.base import Pcm
from heisenberg.audio.wavfile import read_sound, write_wav
from heisenberg.main import Engines
from tests.fakes.soundcard import MISSING, SoundCard, is_available, sound_card
from tests.fakes.speech import join, silence, spoken

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(not is_available(), reason=MISSING),
    pytest.mark.timeout(180),
]


@pytest.fixture
def card(tmp_path: Path) -> Iterator[SoundCard]:
    with sound_card(tmp_path) as card:
        yield card


@pytest.mark.asyncio(loop_scope="session")
async def test_a_question_at_the_microphone_is_answered_at_the_speaker(
    models_dir: Path, engines: Engines, card: SoundCard, tmp_path: Path
) -> None:
    text = "Hey Jarvis, what is the capital of France?"
    question = join(silence(0.3), spoken(models_dir, text), silence(0.5))
    log, answer = await asyncio.to_thread(_converse, card, question, tmp_path)
    assert re.search(r"heard: What is the capital of France\?", log)
    assert "Traceback" not in log
    said = await engines.stt.transcribe(answer)
    assert "Paris" in said.text


def test_a_pulled_microphone_ends_the_daemon_with_a_clear_line(card: SoundCard) -> None:
    command = [sys.executable, "-m", "heisenberg", "run"]
    with subprocess.Popen(
        command, env=card.environment, stderr=subprocess.PIPE, text=True
    ) as daemon:
        assert daemon.stderr is not None
        for line in daemon.stderr:
            if "ready: " in line:
                break
        card.unplug()
        said = daemon.stderr.read()
    assert daemon.returncode == 1
    assert "heisenberg: The microphone has stopped working." in said
    assert "Traceback" not in said


def _converse(card: SoundCard, question: Pcm, folder: Path) -> tuple[str, Pcm]:
    """Run the daemon, ask once it is ready, stop it after the answer.

    Returns what it wrote, and what the speaker played from the question on.
    """
    asked, answer = folder / "question.wav", folder / "answer.wav"
    write_wav(asked, question)
    command = [sys.executable, "-m", "heisenberg", "run", "--set", "llm.seed=7"]
    lines: list[str] = []
    with subprocess.Popen(
        command, env=card.environment, stderr=subprocess.PIPE, text=True
    ) as daemon:
        assert daemon.stderr is not None
        for line in daemon.stderr:
            lines.append(line)
            if "ready: " in line:
                break
        with card.recorded_speaker(answer):
            card.play_to_microphone(asked)
            for line in daemon.stderr:
                lines.append(line)
                if "the reply has ended" in line or "error: " in line:
                    break
        daemon.send_signal(signal.SIGINT)
        lines += daemon.stderr.readlines()
    assert daemon.returncode == 0
    assert lines[-1] == "Stopped.\n"
    return "".join(lines), read_sound(answer)
