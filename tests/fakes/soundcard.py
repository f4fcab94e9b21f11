"""A sound card without hardware: PulseAudio with a null sink as microphone and one as speaker."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MISSING = "needs PulseAudio and its ALSA plug-in (Debian: pulseaudio-utils libasound2-plugins)"
_ALSA = Path("/usr/share/alsa/alsa.conf")
_START_S = 10.0


@dataclass(frozen=True, slots=True)
class SoundCard:
    """``environment`` makes a process's PortAudio see the card as its default devices."""

    environment: dict[str, str]

    def play_to_microphone(self, wav: Path) -> None:
        """Returns when the microphone has heard the whole file."""
        self._run("paplay", "--device=microphone", str(wav))

    @contextmanager
    def recorded_speaker(self, wav: Path) -> Iterator[None]:
        """What the speaker plays meanwhile goes to ``wav``."""
        command = ["parecord", "--device=speaker.monitor", "--file-format=wav", str(wav)]
        with subprocess.Popen(command, env=self.environment) as recording:
            while not wav.exists() or wav.stat().st_size == 0:
                assert recording.poll() is None, "the recorder ended"
                time.sleep(0.02)
            yield
            recording.terminate()

    def unplug(self) -> None:
        """Both devices are gone."""
        self._run("pactl", "unload-module", "module-null-sink")
        self._run("pactl", "exit")

    def _run(self, *command: str) -> None:
        subprocess.run(command, env=self.environment, check=True, timeout=60)


def is_available() -> bool:
    tools = all(shutil.which(name) for name in ("pulseaudio", "pactl", "paplay", "parecord"))
    return tools and _ALSA.is_file() and any(Path("/usr/lib").glob("*/alsa-lib/*pcm_pulse.so"))


@contextmanager
def sound_card(folder: Path) -> Iterator[SoundCard]:
    """A private PulseAudio, its files in ``folder``, ended with the block."""
    socket = folder / "native"
    alsa = folder / "alsa.conf"
    alsa.write_text(
        f"<{_ALSA}>\npcm.!default {{ type pulse }}\nctl.!default {{ type pulse }}\n",
        encoding="utf-8",
    )
    card = SoundCard(
        {
            **os.environ,
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_SERVER": f"unix:{socket}",
            "ALSA_CONFIG_PATH": str(alsa),
        }
    )
    modules = [
        f"module-native-protocol-unix socket={socket} auth-anonymous=1",
        "module-null-sink sink_name=microphone",
        "module-null-sink sink_name=speaker",
    ]
    command = ["pulseaudio", "-n", "--exit-idle-time=-1", "--use-pid-file=no", "--log-level=error"]
    for module in modules:
        command += ["-L", module]
    with subprocess.Popen(command, env=card.environment, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(card)
            yield card
        finally:
            server.terminate()


def _wait_for(card: SoundCard) -> None:
    give_up_s = time.monotonic() + _START_S
    settings = (("set-default-source", "microphone.monitor"), ("set-default-sink", "speaker"))
    while True:
        ended = [
            subprocess.run(
                ["pactl", *setting], env=card.environment, capture_output=True, check=False
            )
            for setting in settings
        ]
        if not any(process.returncode for process in ended):
            return
        assert time.monotonic() < give_up_s, f"PulseAudio did not start: {ended[0].stderr!r}"
        time.sleep(0.1)
