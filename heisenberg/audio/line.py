"""One direction of a live card: what is wanted, what is open, and what the user was told."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, Protocol, TypeAlias, TypeVar

from heisenberg.audio.devices import WORDS, Device, Kind
from heisenberg.audio.portaudio import Copier, Opened
from heisenberg.core.errors import AudioError

_STALLED_S: Final = 1.0
"""A stream that has run and calls back no more is dead."""
_NOT_STARTED_S: Final = 3.0
"""A virtual device may take two seconds to begin."""
_FIRST_TRY_S: Final = 0.25
_AWAY_LONG_S: Final = 60.0
_SOON_S: Final = 1.0
_LATER_S: Final = 2.0
_ZEROS_S: Final = 10.0
_ZEROS_AT_MOST_S: Final = 300.0
_CHECK_S: Final = 10.0
"""So often a device that rests is looked for: it costs a millisecond."""
_USED_WHEN_BACK: Final = "Connect it again: it is used as soon as it is back."
_USED_WHEN_THERE: Final = "It is used as soon as it can be."


class DeviceState(StrEnum):
    """What is said of a device."""

    MISSING = "missing"
    """It was not there, or could not be opened, from the start."""
    LOST = "lost"
    """It worked, and is gone."""
    SILENT = "silent"
    """It delivers nothing but zeros."""
    BACK = "back"
    """It works, after one of the others."""


Report: TypeAlias = Callable[[str, DeviceState, str, str], None]
"""Told of ``microphone`` or ``speaker``, its state, its name and what to do about it."""


C = TypeVar("C", bound=Copier)


class LineEnd(Protocol[C]):
    """Where a stream is plugged in: a ``LiveSource`` or a ``LiveSink``."""

    def make_copier(self, rate_hz: int, channels: int) -> C: ...
    def attach(self, opened: Opened[C]) -> None: ...
    def detach(self) -> None: ...

    @property
    def zeros_s(self) -> float:
        """For how long the stream has delivered nothing but zeros."""
        ...

    @property
    def heard_anything(self) -> bool:
        """Whether the stream has delivered anything else."""
        ...

    @property
    def may_rest(self) -> bool:
        """Whether nothing needs the stream for now."""
        ...


@dataclass(frozen=True, slots=True)
class _Open(Generic[C]):
    device: Device
    copier: C


class Line(Generic[C]):
    """A microphone's or a speaker's line; ``wanted`` is what the user calls the device.

    ``problem`` is why it is not open. ``stale``: the device can't be found before PortAudio is
    started anew. ``released``: nobody wants it any more. ``resting``: the device whose stream was
    ended for as long as nobody needs it.
    """

    def __init__(self, kind: Kind, wanted: str, end: LineEnd[C], report: Report) -> None:
        self.kind: Kind = kind
        self.wanted = wanted
        self.end = end
        self.problem: AudioError | None = None
        self.stale = False
        self.released = False
        self.resting: Device | None = None
        self._report = report
        self._open: _Open[C] | None = None
        self._name = wanted
        self._told: DeviceState | None = None
        self._away_since_s = 0.0
        self._next_try_s = 0.0
        self._delay_s = _FIRST_TRY_S
        self._has_worked = False
        self._count = 0
        self._moved_s = 0.0
        self._looked_s = 0.0
        self._zeros_limit_s = _ZEROS_S
        self._check_at_s = 0.0

    @property
    def device(self) -> Device | None:
        """What is open."""
        return self._open.device if self._open is not None else None

    def attach(self, device: Device, opened: Opened[C], now_s: float) -> None:
        """A stream runs: the line is open."""
        self.end.attach(opened)
        self._open = _Open(device, opened.copier)
        self.resting = None
        self._name = device.name
        self.problem = None
        self.stale = False
        self._count = 0
        self._moved_s = self._looked_s = now_s

    def detach(self, now_s: float) -> None:
        """The line is open no more, and looks for its device."""
        self.end.detach()
        self.stale = self.device is not None and not self.device.is_looked_up
        self._open = self.resting = None
        self._away_since_s = now_s
        self._next_try_s = now_s + self._delay_s

    @property
    def may_rest(self) -> bool:
        """Whether the stream can be ended until it is needed.

        Not that of a device which, if it were pulled and put back meanwhile, could not be opened
        without interrupting the other line.
        """
        return self.device is not None and self.device.is_looked_up and self.end.may_rest

    def rest(self, now_s: float) -> None:
        """The stream is not needed for now."""
        resting = self.device
        self.detach(now_s)
        self.resting = resting
        self.checked(now_s)

    def is_to_be_checked(self, now_s: float) -> bool:
        """Whether it is time to see if the device that rests is still there."""
        return self.resting is not None and now_s >= self._check_at_s

    def checked(self, now_s: float) -> None:
        """The device that rests is there."""
        self._check_at_s = now_s + _CHECK_S

    def look(self, now_s: float) -> None:
        """Notice whether the open stream is dead, delivers nothing but zeros, or works again.

        The line is then open no more, and that is said.
        """
        if self._open is None:
            return
        if self._is_dead(self._open.copier, now_s):
            self.detach(now_s)
            self.tell_away()
        elif self.end.zeros_s >= self._zeros_limit_s:
            # Twice as long next time: some microphones are silent in between words.
            self._zeros_limit_s = min(2 * self._zeros_limit_s, _ZEROS_AT_MOST_S)
            self.detach(now_s)
            self._tell_silent()
        else:
            self._tell_back()

    def is_due(self, now_s: float) -> bool:
        """Whether it is time for another attempt to open the line."""
        if self._open is not None or self.resting is not None or self.released:
            return False
        return now_s >= self._next_try_s

    def is_away_long(self, now_s: float) -> bool:
        return now_s - self._away_since_s > _AWAY_LONG_S

    def try_later(self, now_s: float) -> None:
        """An attempt has failed: the next one comes later, at first after twice the time."""
        at_most_s = _LATER_S if self.is_away_long(now_s) else _SOON_S
        self._delay_s = min(2 * self._delay_s, at_most_s)
        self._next_try_s = now_s + self._delay_s

    def tell_away(self) -> None:
        """Say that the line is not open, unless that was said."""
        if self._told in (DeviceState.LOST, DeviceState.MISSING):
            return
        state = DeviceState.LOST if self._has_worked else DeviceState.MISSING
        if self.problem is None:
            self._tell(state, _USED_WHEN_BACK)
        else:
            self._tell(state, f"{self.problem} {_USED_WHEN_THERE}")

    def _is_dead(self, copier: C, now_s: float) -> bool:
        """Whether the stream has ended or calls back no more."""
        asleep = now_s - self._looked_s > _STALLED_S  # this process itself: nothing can be told
        if copier.count != self._count or asleep:
            self._count = copier.count
            self._moved_s = now_s
            self._has_worked = self._has_worked or self._count > 0
        self._looked_s = now_s
        patience_s = _STALLED_S if self._count else _NOT_STARTED_S
        return copier.finished or now_s - self._moved_s > patience_s

    def _tell_silent(self) -> None:
        if self._told is not DeviceState.SILENT:
            self._tell(DeviceState.SILENT, silence_hint(platform.system()))

    def _tell_back(self) -> None:
        if self._told is None or self._count == 0:
            return
        if self._told is DeviceState.SILENT and not self.end.heard_anything:
            return
        if self._told is not DeviceState.SILENT:
            self._zeros_limit_s = _ZEROS_S
        self._delay_s = _FIRST_TRY_S
        self._tell(DeviceState.BACK, "")
        self._told = None

    def _tell(self, state: DeviceState, hint: str) -> None:
        self._told = state
        self._report(WORDS[self.kind], state, self._name, hint)


def silence_hint(system: str) -> str:
    """What to do about a microphone of zeros on ``system``, as ``platform.system`` calls it."""
    if system == "Darwin":
        return (
            "Allow it in System Settings > Privacy & Security > Microphone, "
            "or raise its input volume under Sound."
        )
    return "Unmute it in the sound settings, or choose another with audio.input_device."
