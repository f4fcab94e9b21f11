"""Looks after the lines of a live card: opens them, notices when one is dead, opens it again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

import structlog

from heisenberg.audio.devices import WORDS, Choice, DeviceList, Kind, choose
from heisenberg.audio.line import Line
from heisenberg.audio.live_clock import LiveTime
from heisenberg.audio.portaudio import PortAudio
from heisenberg.audio.sound_thread import SoundThread
from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.errors import AudioError, DeviceLost, DeviceNotFound

_LOOK_S: Final = 0.25
_CLOSE_S: Final = 2.0
_RENEW_S: Final = 2.0
_RENEW_LATER_S: Final = 10.0
"""Renewing the list of devices interrupts one that works: for one that is away long, seldom."""

_log = structlog.get_logger(__name__)


class Supervisor:
    """Looks four times a second; all calls of PortAudio are its own, on one thread."""

    def __init__(
        self,
        lines: Sequence[Line[Any]],
        time: LiveTime,
        *,
        bluetooth: bool,
        may_interrupt: Callable[[], bool],
    ) -> None:
        """``bluetooth``: a headset's microphone may be the default. ``may_interrupt`` tells
        whether working streams may end for a moment."""
        self._lines = lines
        self._time = time
        self._bluetooth = bluetooth
        self._may_interrupt = may_interrupt
        self._thread = SoundThread.join()
        self._closed = False
        self._portaudio: PortAudio | None = None
        self._found = DeviceList((), {})
        self._renew_at_s = 0.0
        self._said: dict[Kind, Choice] = {}
        self._one_at_a_time = asyncio.Lock()
        self._running: asyncio.Task[None] | None = None
        self._rousing: asyncio.Task[None] | None = None

    async def start(self, *, within_s: float) -> None:
        """Open what is there and look after it from now on.

        Returns after ``within_s`` even if the sound system does not answer. Raises
        ``DeviceNotFound`` when there is no PortAudio library.
        """
        starting = asyncio.create_task(self._start(), name="sound-card-start")
        self._running = asyncio.create_task(self._run(starting), name="sound-card")
        await asyncio.wait({starting}, timeout=within_s)
        if starting.done():
            starting.result()
        else:
            self._tell_away(no_answer())

    def rouse(self, line: Line[Any]) -> None:
        """Open ``line`` if it rests; it works a moment later."""
        if line.resting is None or self._closed:
            return
        line.detach(self._time.now_s())
        work = self._carefully(lambda: self._reopen(line))
        self._rousing = asyncio.create_task(work, name="sound-card-rousing")

    async def release(self, line: Line[Any]) -> None:
        """Close ``line`` for good; with the last one, everything ends."""
        if line.released or self._closed:
            return
        line.released = True
        line.detach(self._time.now_s())
        if self._portaudio is not None:
            portaudio = self._portaudio
            await self._give_back(lambda: portaudio.close(line.kind))
        if all(line.released for line in self._lines):
            await self.aclose()

    async def aclose(self) -> None:
        """Close every line; a sound system that hangs is left behind."""
        if self._closed:
            return
        self._closed = True
        for task in (self._running, self._rousing):
            if task is not None:
                await cancel_and_wait(task)
        if self._portaudio is not None:
            await self._give_back(self._portaudio.end)
        self._thread.leave()

    async def _start(self) -> None:
        self._portaudio = await self._thread.run(PortAudio)
        await self._carefully(self._open_all)
        self._tell_away(None)

    async def _run(self, healing: asyncio.Task[None]) -> None:
        """Notice what is wrong, even while healing takes long or hangs."""
        try:
            while True:
                await self._time.sleep(_LOOK_S)
                for line in self._lines:
                    line.look(self._time.now_s())
                if healing.done() and self._portaudio is not None and self._has_work():
                    work = self._carefully(self._look_after)
                    healing = asyncio.create_task(work, name="sound-card-healing")
        finally:
            await cancel_and_wait(healing)

    def _has_work(self) -> bool:
        now_s = self._time.now_s()
        return any(
            line.is_due(now_s) or line.may_rest or line.is_to_be_checked(now_s)
            for line in self._lines
        )

    def _due(self) -> list[Line[Any]]:
        return [line for line in self._lines if line.is_due(self._time.now_s())]

    async def _carefully(self, step: Callable[[], Any]) -> None:
        """A fault of ours in one step must not be the end of all healing."""
        async with self._one_at_a_time:
            try:
                await step()
            except Exception:
                _log.exception("looking after the sound devices failed")

    async def _open_all(self) -> None:
        await self._renew_list(restart=False)
        for line in self._lines:
            if not line.stale:
                await self._open(line)

    async def _look_after(self) -> None:
        for line in self._lines:
            if line.may_rest:
                await self._put_to_rest(line)
            elif line.is_to_be_checked(self._time.now_s()):
                await self._check(line)
        await self._heal()

    async def _put_to_rest(self, line: Line[Any]) -> None:
        portaudio = self._library()
        line.rest(self._time.now_s())
        await self._thread.run(lambda: portaudio.close(line.kind))

    async def _check(self, line: Line[Any]) -> None:
        """See whether the device of ``line``, which rests, is still there."""
        portaudio, device = self._library(), line.resting
        assert device is not None
        is_there = await self._thread.run(lambda: portaudio.is_there(device))
        if line.resting is None:  # it was needed meanwhile
            return
        line.checked(self._time.now_s())
        if not is_there:
            line.detach(self._time.now_s())
            line.tell_away()

    async def _reopen(self, line: Line[Any]) -> None:
        if line.device is not None or line.released:
            return
        await self._open(line)
        if line.device is None and not line.released:
            line.tell_away()

    async def _heal(self) -> None:
        due = self._due()
        for line in due:
            if not line.stale:
                await self._open(line)
        if any(line.stale for line in due) and self._may_renew():
            await self._renew(due)
        for line in due:
            if line.device is None:
                line.try_later(self._time.now_s())

    def _may_renew(self) -> bool:
        """Whether no working stream would be interrupted, or only one that may be."""
        if all(line.device is None for line in self._lines):
            return True
        return self._may_interrupt() and self._time.now_s() >= self._renew_at_s

    async def _renew(self, away: Sequence[Line[Any]]) -> None:
        working = [line for line in self._lines if line.device is not None]
        for line in working:
            line.detach(self._time.now_s())
        await self._renew_list(restart=True)
        for line in self._lines:
            if not line.stale and not line.released and line.resting is None:
                await self._open(line)
        for line in working:
            if line.device is None and not line.released:
                line.tell_away()
        long = all(line.is_away_long(self._time.now_s()) for line in away)
        self._renew_at_s = self._time.now_s() + (_RENEW_LATER_S if long else _RENEW_S)

    async def _renew_list(self, *, restart: bool) -> None:
        portaudio = self._library()
        try:
            if restart:
                await self._thread.run(portaudio.restart)
            self._found = await self._thread.run(portaudio.devices)
        except AudioError as exc:
            for line in self._lines:
                line.problem, line.stale = exc, True
        else:
            for line in self._lines:
                line.stale = False

    async def _open(self, line: Line[Any]) -> None:
        portaudio = self._library()
        try:
            choice = choose(self._found, line.kind, line.wanted, bluetooth=self._bluetooth)
        except DeviceNotFound as exc:
            line.problem, line.stale = exc, True
            return
        self._say_which(line.kind, choice)
        make = line.end.make_copier
        try:
            opened = await self._thread.run(lambda: portaudio.open(line.kind, choice.device, make))
        except DeviceLost as exc:
            line.problem, line.stale = exc, not choice.device.is_looked_up
            return
        if not line.released:
            line.attach(choice.device, opened, self._time.now_s())

    async def _give_back(self, close: Callable[[], None]) -> None:
        try:
            async with asyncio.timeout(_CLOSE_S):
                await self._thread.run(close)
        except TimeoutError:
            _log.warning("the sound system hangs; it is left behind")
            self._thread.leave_behind(close)

    def _say_which(self, kind: Kind, choice: Choice) -> None:
        if self._said.get(kind) == choice:
            return
        self._said[kind] = choice
        used = choice.device.name
        if choice.others:
            _log.warning(f"several {WORDS[kind]}s match", used=used, others=list(choice.others))
        if choice.passed_over:
            not_used = choice.passed_over
            _log.warning("a Bluetooth microphone stays closed", used=used, not_used=not_used)

    def _tell_away(self, problem: AudioError | None) -> None:
        for line in self._lines:
            if line.device is None:
                line.problem = problem or line.problem
                line.tell_away()

    def _library(self) -> PortAudio:
        assert self._portaudio is not None
        return self._portaudio


def no_answer() -> AudioError:
    return AudioError(
        "The sound system does not answer.", "Restart the sound server (PipeWire, PulseAudio)."
    )
