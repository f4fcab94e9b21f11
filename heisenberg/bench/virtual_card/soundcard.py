"""A sound card without hardware: null sinks of PulseAudio as microphone and as speaker.

PortAudio sees them as its default devices, and as ``microphone`` and ``speaker`` by name. Each
can be pulled and put back. Linux only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from heisenberg.bench.virtual_card.urgency import make_urgent
from heisenberg.core.errors import AudioError, DeviceNotFound

MISSING: Final = (
    "needs PulseAudio and its ALSA plug-in (Debian: pulseaudio pulseaudio-utils libasound2-plugins)"
)
Device: TypeAlias = Literal["microphone", "speaker"]

_START_S: Final = 10.0
_PRIORITY: Final = 4
_SINK: Final = "module-null-sink"
# No base configuration is included: what is pulled must not be replaced by another device.
_ALSA: Final = """
pcm.!default {{
    type asym
    playback.pcm {speaker}
    capture.pcm {microphone}
}}
ctl.!default {{ type pulse server "{server}" }}
pcm.microphone {{ type asym capture.pcm {microphone} }}
pcm.speaker {{ type asym playback.pcm {speaker} }}
"""


@dataclass(frozen=True, slots=True)
class SoundCard:
    """``environment`` makes a process's PortAudio see the card as its default devices.

    Each device has a server of its own: one server would move the streams of a device that is
    pulled to the other.
    """

    environment: dict[str, str]
    servers: dict[Device, str]

    def put_back(self, device: Device) -> None:
        """``device`` is there again, as it was before it was pulled."""
        self._control(device, "load-module", _SINK, f"sink_name={device}", "norewinds=1")

    def pull(self, device: Device) -> None:
        """``device`` is gone: who uses it is cut off, and it can't be opened."""
        self._control(device, "unload-module", _SINK)

    def unplug(self) -> None:
        """Both devices are gone, and their servers too."""
        for device in self.servers:
            self.pull(device)
            self._control(device, "exit")

    def play_to_microphone(self, wav: Path) -> None:
        """Returns when the microphone has heard the whole file."""
        self._run("paplay", f"--server={self.servers['microphone']}", str(wav))

    @contextmanager
    def recorded_speaker(self, wav: Path) -> Iterator[None]:
        """What the speaker plays meanwhile goes to ``wav``."""
        server = f"--server={self.servers['speaker']}"
        command = ["parecord", server, "--device=speaker.monitor", "--file-format=wav", str(wav)]
        with subprocess.Popen(command, env=self.environment) as recording:
            while not wav.exists() or wav.stat().st_size == 0:
                if recording.poll() is not None:
                    raise AudioError("The virtual speaker can't be recorded.")
                time.sleep(0.02)
            yield
            recording.terminate()

    def _control(self, device: Device, *command: str) -> None:
        self._run("pactl", f"--server={self.servers[device]}", *command)

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        if done.returncode != 0:
            raise AudioError(f"{' '.join(command)} failed: {done.stderr.strip()}.")


def is_available() -> bool:
    tools = all(shutil.which(name) for name in ("pulseaudio", "pactl", "paplay", "parecord"))
    return tools and any(Path("/usr/lib").glob("*/alsa-lib/*pcm_pulse.so"))


@contextmanager
def sound_card(folder: Path) -> Iterator[SoundCard]:
    """A private sound card, its files in ``folder``, ended with the block.

    Raises ``DeviceNotFound`` where PulseAudio is missing, ``AudioError`` when it does not start.
    """
    if not is_available():
        raise DeviceNotFound(
            "There is no virtual sound card: PulseAudio is missing.",
            "Install it: sudo apt install pulseaudio pulseaudio-utils libasound2-plugins",
        )
    devices: tuple[Device, ...] = ("microphone", "speaker")
    card = SoundCard(
        {
            **os.environ,
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_COOKIE": str(folder / "cookie"),
            "ALSA_CONFIG_PATH": str(folder / "alsa.conf"),
        },
        {device: f"unix:{folder / device}" for device in devices},
    )
    (folder / "alsa.conf").write_text(_alsa_configuration(card), encoding="utf-8")
    with ExitStack() as servers:
        for device in devices:
            servers.enter_context(_server(folder, device, card))
            card.put_back(device)
        yield card


def _alsa_configuration(card: SoundCard) -> str:
    speaker, microphone = card.servers["speaker"], card.servers["microphone"]
    return _ALSA.format(
        speaker=f'{{ type pulse server "{speaker}" device speaker }}',
        microphone=f'{{ type pulse server "{microphone}" device microphone.monitor }}',
        server=speaker,
    )


@contextmanager
def _server(folder: Path, device: Device, card: SoundCard) -> Iterator[None]:
    """A PulseAudio without any device."""
    home = folder / f"{device}.home"
    home.mkdir()
    command = ["pulseaudio", "-n", "--exit-idle-time=-1", "--use-pid-file=no", "--log-level=error"]
    # The default resampler takes 6 dB away at 6.5 kHz; this one is flat.
    command += ["--resample-method=speex-float-5"]
    command += ["-L", f"module-native-protocol-unix socket={folder / device} auth-anonymous=1"]
    own_home = {**card.environment, "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    with subprocess.Popen(command, env=own_home, stderr=subprocess.DEVNULL) as server:
        try:
            give_up_s = time.monotonic() + _START_S
            while not (folder / device).exists():
                if server.poll() is not None or time.monotonic() > give_up_s:
                    raise AudioError("The virtual sound card's PulseAudio does not start.")
                time.sleep(0.02)
            make_urgent(server.pid, priority=_PRIORITY)
            yield
        finally:
            server.terminate()
