"""The PortAudio library, as sounddevice wraps it: what is there, and streams to and from it.

Everything here runs on one thread: PortAudio must not be terminated while it is being called.
Only its callbacks run on threads of their own; they copy bytes and nothing else.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

from heisenberg.audio import native_stderr
from heisenberg.audio.devices import WORDS, Device, DeviceList, Kind
from heisenberg.core.errors import AudioError, DeviceLost, DeviceNotFound

BLOCK_S: Final[Mapping[Kind, float]] = {"input": 0.02, "output": 0.01}
"""How much sound a callback carries."""
_LATENCY: Final[Mapping[Kind, float | str]] = {"input": "low", "output": 0.03}
"""What PortAudio is asked for. Three short blocks of output survive where two long ones, as late,
run dry several times a minute on a busy machine."""

_RATES_HZ: Final = (48_000, 44_100, 16_000)
"""What is tried when a device refuses its own rate."""
_OTHER_RATE: Final = (-9997, -9985)
"""PortAudio's paInvalidSampleRate, and paDeviceUnavailable: a device that another program holds
at one rate can often be shared at that rate."""
_ASK_SERVER_S: Final = 2.0
_NO_LIBRARY_HINT: Final = (
    "Install PortAudio: 'sudo apt install libportaudio2' on Debian, 'brew install portaudio' "
    "on macOS."
)


class Copier(Protocol):
    """What moves a stream's bytes."""

    count: int
    """How many blocks it has moved."""
    finished: bool
    """Set when the stream has ended, whether asked to or not."""

    def copy(self, data: Any, frames: int, when: Any, status: Any, /) -> None:
        """PortAudio's callback, on a thread of its own; ``data`` is a buffer of int16."""
        ...


C = TypeVar("C", bound=Copier)


@dataclass(frozen=True, slots=True)
class Opened(Generic[C]):
    """A running stream: how it runs, how late it is, and what moves its bytes."""

    rate_hz: int
    channels: int
    latency_s: float
    copier: C


class PortAudio:
    """One microphone's and one speaker's stream at most; one of its kind at a time."""

    def __init__(self) -> None:
        """Raises ``DeviceNotFound`` when the library is missing."""
        native_stderr.silence()
        try:
            import sounddevice
        except OSError as exc:
            native_stderr.restore()
            raise DeviceNotFound("The PortAudio library is missing.", _NO_LIBRARY_HINT) from exc
        except Exception as exc:  # it is started when it is imported; its error isn't there yet
            native_stderr.restore()
            raise _no_sound_system(exc) from exc
        self._sd: Any = sounddevice
        self._streams: dict[Kind, Any] = {}
        self._running = True

    def devices(self) -> DeviceList:
        """What was there when PortAudio was last started. Raises ``AudioError``."""
        try:
            apis = self._sd.query_hostapis()
            devices = tuple(
                Device(
                    index=number,
                    name=str(found["name"]),
                    host_api=str(apis[found["hostapi"]]["name"]),
                    rate_hz=int(found["default_samplerate"]),
                    inputs=int(found["max_input_channels"]),
                    outputs=int(found["max_output_channels"]),
                )
                for number, found in enumerate(self._sd.query_devices())
            )
            inputs, outputs = self._sd.default.device
        except self._sd.PortAudioError as exc:
            raise _no_sound_system(exc) from exc
        servers_source = ""
        if any(device.is_servers_choice for device in devices):
            servers_source = ask_servers_source()
        return DeviceList(devices, {"input": inputs, "output": outputs}, servers_source)

    def restart(self) -> None:
        """Start PortAudio anew, which alone renews its list; both streams end.

        Raises ``AudioError`` when it does not start; another attempt may succeed.
        """
        self.close_all()
        try:
            if self._running:
                self._running = False
                self._sd._terminate()
            self._start()
            self._running = True
        except self._sd.PortAudioError as exc:
            raise _no_sound_system(exc) from exc

    def _start(self) -> None:
        """As sounddevice starts it, but for one thing: that sends all of stderr nowhere meanwhile,
        with what other threads have to say. What C prints is silenced here already."""
        self._sd._check(self._sd._lib.Pa_Initialize(), "Error initializing PortAudio")
        self._sd._initialized += 1

    def open(self, kind: Kind, device: Device, make: Callable[[int, int], C]) -> Opened[C]:
        """Start a stream with the copier that ``make(rate_hz, channels)`` returns.

        One of the same kind ends first. The device's own rate is tried first, then usual ones.
        Raises ``DeviceLost`` with the reason for which the first was refused.
        """
        self.close(kind)
        channels = min(2, device.channels(kind))
        rates = (device.rate_hz, *(rate for rate in _RATES_HZ if rate != device.rate_hz))
        refused: Exception | None = None
        for rate_hz in rates:
            try:
                return self._open(kind, device, rate_hz, channels, make(rate_hz, channels))
            except (self._sd.PortAudioError, ValueError) as exc:
                refused = refused or exc
                if len(exc.args) < 2 or exc.args[1] not in _OTHER_RATE:
                    break
        raise DeviceLost(
            f"The {WORDS[kind]} '{device.name}' can't be opened: {_reason(refused)}.",
            f"Allow access to it, close what else uses it, or choose another with "
            f"audio.{kind}_device.",
        ) from refused

    def is_there(self, speaker: Device) -> bool:
        """Whether ``speaker`` can be opened, or is only busy; nothing is played for that."""
        try:
            self._sd.check_output_settings(
                device=speaker.index,
                channels=min(2, speaker.outputs),
                dtype="int16",
                samplerate=speaker.rate_hz,
            )
        except self._sd.PortAudioError as exc:
            return len(exc.args) > 1 and exc.args[1] in _OTHER_RATE
        return True

    def close(self, kind: Kind) -> None:
        """End the stream, if there is one."""
        stream = self._streams.pop(kind, None)
        if stream is not None:
            stream.abort()
            stream.close()

    def close_all(self) -> None:
        """End both streams."""
        for kind in tuple(self._streams):
            self.close(kind)

    def end(self) -> None:
        """End both streams; what other libraries print may appear again."""
        self.close_all()
        native_stderr.restore()

    def _open(
        self, kind: Kind, device: Device, rate_hz: int, channels: int, copier: C
    ) -> Opened[C]:
        stream_class = self._sd.RawInputStream if kind == "input" else self._sd.RawOutputStream

        def finished() -> None:
            copier.finished = True

        stream = stream_class(
            samplerate=rate_hz,
            blocksize=round(rate_hz * BLOCK_S[kind]),
            device=device.index,
            channels=channels,
            dtype="int16",
            latency=_LATENCY[kind],
            callback=copier.copy,
            finished_callback=finished,
        )
        try:
            stream.start()
        except self._sd.PortAudioError:
            stream.close()
            raise
        self._streams[kind] = stream
        return Opened(rate_hz, channels, float(stream.latency), copier)


def ask_servers_source() -> str:
    """What PulseAudio or PipeWire calls its default microphone; empty where nobody says."""
    if shutil.which("pactl") is None:
        return ""
    with contextlib.suppress(subprocess.SubprocessError, OSError):
        asked = subprocess.run(
            ["pactl", "get-default-source"],
            capture_output=True,
            text=True,
            timeout=_ASK_SERVER_S,
            check=True,
        )
        return asked.stdout.strip()
    return ""


def _no_sound_system(exc: Exception) -> AudioError:
    return AudioError(
        f"The sound system does not work: {_reason(exc)}.",
        "Start the sound server (PipeWire, PulseAudio), or connect a sound card.",
    )


def _reason(exc: Exception | None) -> str:
    """PortAudio's words, and the host's where it only says that it did not expect the error."""
    args = exc.args if exc is not None else ()
    host = args[2][2] if len(args) > 2 else ""
    return str(host or (args[0] if args else exc)).rstrip(".")
