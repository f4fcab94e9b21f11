"""Streams of a PulseAudio server with small, known delays: its simple client library, by ctypes.

The tools ``pacat`` and ``parec`` fill their buffers anew after every gap, so that what they carry
comes later and later. Here a late sample is lost and the next one is on time.
"""

from __future__ import annotations

import ctypes
import functools
from typing import Any, ClassVar, Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.core.errors import DeviceLost, DeviceNotFound

_S16LE: Final = 3
_PLAYBACK: Final = 1
_RECORD: Final = 2
_DEFAULT: Final = 2**32 - 1
_SAMPLE_BYTES: Final = 2


class Capture:
    """What a source delivers, at 16 kHz mono, in pieces of ``block_s``."""

    def __init__(self, server: str, source: str, *, block_s: float) -> None:
        """Raises ``DeviceLost`` when there is no such source."""
        self._stream = _Stream(server, _RECORD, source, _Buffer(fragsize=_bytes(block_s)))

    def read(self, samples: int) -> Pcm:
        """Wait for the next ``samples``. Raises ``DeviceLost`` when the source is gone."""
        pcm = np.empty(samples, np.int16)
        self._stream.call("pa_simple_read", pcm)
        return pcm

    def close(self) -> None:
        self._stream.close()


class Playback:
    """Sound for a sink, at 16 kHz mono.

    It sounds as soon as ``buffer_s`` allows; a sample that comes after its time is not heard.
    """

    def __init__(self, server: str, sink: str, *, buffer_s: float) -> None:
        """Raises ``DeviceLost`` when there is no such sink."""
        buffer = _Buffer(tlength=_bytes(buffer_s), prebuf=0)
        self._stream = _Stream(server, _PLAYBACK, sink, buffer)

    def write(self, pcm: Pcm) -> None:
        """Raises ``DeviceLost`` when the sink is gone."""
        self._stream.call("pa_simple_write", np.ascontiguousarray(pcm))

    def close(self) -> None:
        self._stream.close()


class _Format(ctypes.Structure):
    _fields_: ClassVar = [
        ("format", ctypes.c_int),
        ("rate", ctypes.c_uint32),
        ("channels", ctypes.c_uint8),
    ]


class _Buffer(ctypes.Structure):
    _fields_: ClassVar = [
        (name, ctypes.c_uint32) for name in ("maxlength", "tlength", "prebuf", "minreq", "fragsize")
    ]

    def __init__(
        self, *, tlength: int = _DEFAULT, prebuf: int = _DEFAULT, fragsize: int = _DEFAULT
    ) -> None:
        super().__init__(_DEFAULT, tlength, prebuf, _DEFAULT, fragsize)


class _Stream:
    def __init__(self, server: str, direction: int, device: str, buffer: _Buffer) -> None:
        self._library = _library()
        self._device = device
        self._error = ctypes.c_int()
        self._handle = self._library.pa_simple_new(
            server.encode(),
            b"heisenberg",
            direction,
            device.encode(),
            b"heisenberg",
            ctypes.byref(_Format(_S16LE, RATE_HZ, 1)),
            None,
            ctypes.byref(buffer),
            ctypes.byref(self._error),
        )
        if not self._handle:
            raise self._lost()

    def call(self, function: str, pcm: Pcm) -> None:
        size = len(pcm) * _SAMPLE_BYTES
        call = getattr(self._library, function)
        if call(self._handle, pcm.ctypes.data, size, ctypes.byref(self._error)) < 0:
            raise self._lost()

    def close(self) -> None:
        """Drop what has not been played yet."""
        self._library.pa_simple_free(self._handle)

    def _lost(self) -> DeviceLost:
        reason = self._library.pa_strerror(self._error).decode()
        return DeviceLost(f"PulseAudio's {self._device} can't be used: {reason}.")


@functools.cache
def _library() -> Any:
    try:
        library = ctypes.CDLL("libpulse-simple.so.0")
    except OSError as exc:
        raise DeviceNotFound(
            "PulseAudio's client library is missing.", "Install it: sudo apt install pulseaudio"
        ) from exc
    pointer, error = ctypes.c_void_p, ctypes.POINTER(ctypes.c_int)
    text = ctypes.c_char_p
    library.pa_simple_new.restype = pointer
    library.pa_simple_new.argtypes = [text, text, ctypes.c_int, text, text, *[pointer] * 3, error]
    for call in (library.pa_simple_read, library.pa_simple_write):
        call.argtypes = [pointer, pointer, ctypes.c_size_t, error]
    library.pa_simple_free.argtypes = [pointer]
    library.pa_strerror.restype = text
    return library


def _bytes(seconds: float) -> int:
    return round(seconds * RATE_HZ) * _SAMPLE_BYTES
