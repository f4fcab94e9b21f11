"""The daemon on a sound card, as a service manager starts it: PortAudio, at real-time pace."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import numpy as np
import pytest

from heisenberg.audio.base import Pcm
from heisenberg.bench.running.daemon import Daemon, running_daemon
from heisenberg.bench.virtual_card.air import Air, AirSettings, open_air
from heisenberg.bench.virtual_card.soundcard import MISSING, SoundCard, is_available, sound_card
from heisenberg.core.errors import TurnError
from heisenberg.loading import Engines
from tests.fakes.speech import spoken

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(not is_available(), reason=MISSING),
    pytest.mark.timeout(240),
]
QUESTIONS = {
    "What is the capital of France?": "France",
    "Which language do people speak in Brazil?": "Portuguese",
    "Why is the sky blue?": "sky",
}


@pytest.fixture
def card(tmp_path: Path) -> Iterator[SoundCard]:
    with sound_card(tmp_path) as card:
        yield card


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """What listens at a service manager's end of ``NOTIFY_SOCKET``."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        yield listening


def notes(manager: socket.socket) -> list[str]:
    found = []
    while True:
        try:
            found.append(manager.recv(4096).decode())
        except BlockingIOError:
            return found


_NOTICED_S = 4.5
"""From the beginning of a reply: two seconds of it, a word, and what it takes to notice that."""


class Talk:
    """Somebody who talks to the daemon, in a room where the microphone hears the loudspeaker."""

    def __init__(self, models_dir: Path, air: Air, daemon: Daemon) -> None:
        self._models_dir = models_dir
        self._air = air
        self._daemon = daemon

    def ask(self, text: str) -> tuple[str, Pcm]:
        """The lines until the reply has ended, and what the loudspeaker played meanwhile."""
        mark, start = len(self._daemon.lines), self._air.now
        self.say(f"Hey Jarvis, {text[0].lower()}{text[1:]}")
        end = self._daemon.wait_for("the reply has ended", after=mark)
        return self.lines(mark, end), self._air.recording().speaker[start:]

    def say(self, text: str) -> None:
        self._air.say(spoken(self._models_dir, text))

    def interrupt(self, text: str) -> str:
        """Speak two seconds into a reply, and once more if nothing comes of it, as anybody would:
        a machine that stalls can swallow a word. The lines until that was understood."""
        mark = len(self._daemon.lines)
        sound = spoken(self._models_dir, text)
        self._air.say(sound, after_reply_s=2.0)
        try:
            self._daemon.wait_for("an interruption", after=mark, timeout_s=_NOTICED_S)
        except TurnError:
            self._air.say(sound)
        end = self._daemon.wait_for("heard: ", after=mark)
        return self.lines(mark, end)

    def rest(self, mark: int) -> None:
        self._daemon.wait_for("-> IDLE", after=mark)

    def lines(self, mark: int, end: int) -> str:
        return "\n".join(line.text for line in self._daemon.lines[mark : end + 1])


@pytest.mark.asyncio(loop_scope="session")
async def test_a_day_in_the_life_of_the_service(
    models_dir: Path, engines: Engines, card: SoundCard, manager: socket.socket, tmp_path: Path
) -> None:
    """Three questions, one interruption, a microphone lost and found, and an end in order."""
    watched = replace(
        card,
        environment={
            **card.environment,
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "WATCHDOG_USEC": "60000000",
        },
    )
    answers = await asyncio.to_thread(_live, models_dir, watched, tmp_path)
    for topic, answer in zip(QUESTIONS.values(), answers, strict=True):
        said = (await engines.stt.transcribe(answer)).text
        assert len(said.split()) >= 3, f"about {topic}: {said!r}"
    assert "Paris" in (await engines.stt.transcribe(answers[0])).text
    told = notes(manager)
    assert told[0] == "READY=1"
    assert "WATCHDOG=1" in told
    assert told[-1] == "STOPPING=1"


def _live(models_dir: Path, card: SoundCard, folder: Path) -> list[Pcm]:
    options = ("--set", "log.transcripts=true", "--set", "llm.seed=7")
    settings = AirSettings(echo_db=-12.0, recording=str(folder / "air.pcm"))
    with open_air(card, settings) as air, running_daemon(card, options) as daemon:
        talk = Talk(models_dir, air, daemon)
        answers = []
        for number, question in enumerate(QUESTIONS):
            mark = len(daemon.lines)
            lines, answer = talk.ask(question)
            assert f"heard: {question}" in lines
            answers.append(answer)
            talk.rest(mark)
            if number == 0:
                _interrupt_a_story(talk, daemon)
            elif number == 1:
                _lose_the_microphone(card, daemon)
        assert daemon.stop(signal.SIGTERM) == 0
        log = talk.lines(0, len(daemon.lines))
    assert "Traceback" not in log
    assert log.endswith("Stopped.")
    return answers


@pytest.mark.asyncio(loop_scope="session")
async def test_a_timer_rings_until_it_is_told_to_stop(
    models_dir: Path, engines: Engines, card: SoundCard, tmp_path: Path
) -> None:
    rung = await asyncio.to_thread(_ring, models_dir, card, tmp_path)
    said = (await engines.stt.transcribe(rung)).text.lower()
    assert "time is up" in said or "timer" in said, said


def _ring(models_dir: Path, card: SoundCard, folder: Path) -> Pcm:
    """What the loudspeaker plays from a timer's first ring to its end."""
    options = ("--set", "log.transcripts=true", "--set", f"skills.data={folder}")
    settings = AirSettings(echo_db=-12.0, recording=str(folder / "air.pcm"))
    with open_air(card, settings) as air, running_daemon(card, options) as daemon:
        talk = Talk(models_dir, air, daemon)
        mark = len(daemon.lines)
        lines, _ = talk.ask("Set a timer for two seconds.")
        assert "Timer set for 2 seconds." in lines, lines
        talk.rest(mark)
        start = air.now
        first = daemon.wait_for("the reply has ended", after=len(daemon.lines))
        again = daemon.wait_for("IDLE -> SPEAKING", after=first)
        rung = air.recording().speaker[start:]
        lines = talk.interrupt("Stop.")
        assert "an interruption" in lines
        talk.rest(again)
        timers = httpx2.get(f"{daemon.api_url}/api/timers").json()
        assert timers == {"timers": []}
    return rung


def _interrupt_a_story(talk: Talk, daemon: Daemon) -> None:
    mark = len(daemon.lines)
    talk.say("Hey Jarvis, tell me a long story about a dragon and a king.")
    daemon.wait_for("heard: ", after=mark)
    lines = talk.interrupt("Stop.")
    assert "an interruption" in lines
    assert "heard: Stop" in lines
    talk.rest(mark)


def _lose_the_microphone(card: SoundCard, daemon: Daemon) -> None:
    mark = len(daemon.lines)
    card.pull("microphone")
    daemon.wait_for("microphone", after=mark)
    card.put_back("microphone")
    daemon.wait_for("back", after=mark)


def test_the_log_holds_no_words_unless_asked_to(
    models_dir: Path, card: SoundCard, tmp_path: Path
) -> None:
    settings = AirSettings(echo_db=None, recording=str(tmp_path / "air.pcm"))
    with open_air(card, settings) as air, running_daemon(card) as daemon:
        talk = Talk(models_dir, air, daemon)
        lines, answer = talk.ask("What is the capital of France?")
    assert np.abs(answer).max() > 1000, "it did speak"
    assert "heard: (" in lines
    assert "capital" not in lines
    assert "Paris" not in lines


def test_a_machine_without_any_device_waits_for_one(card: SoundCard) -> None:
    for device in card.servers:
        card.pull(device)
    with running_daemon(card) as daemon:
        log = "\n".join(line.text for line in daemon.lines)
        assert "microphone: missing" in log
        assert "speaker: missing" in log
        mark = len(daemon.lines)
        for device in card.servers:
            card.put_back(device)
        first = daemon.wait_for(": back", after=mark)
        daemon.wait_for(": back", after=first + 1)


def test_a_second_daemon_says_who_is_running(card: SoundCard) -> None:
    with (
        running_daemon(card) as daemon,
        pytest.raises(TurnError, match=str(daemon.pid)),
        running_daemon(card),
    ):
        pass
