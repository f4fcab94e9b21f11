"""A live sound card: one microphone and one speaker that heal themselves.

A device that is gone is looked for until it is back. Meanwhile the microphone is silent, what
the speaker has to say waits, and all else goes on.
"""

from __future__ import annotations

import asyncio
from typing import Final, Self

from heisenberg.audio.fader import Fader
from heisenberg.audio.line import DeviceState, Line, Report
from heisenberg.audio.live_clock import LiveTime
from heisenberg.audio.live_sink import LiveSink
from heisenberg.audio.live_source import LiveSource
from heisenberg.audio.played_sound import PlayedSound
from heisenberg.audio.supervisor import Supervisor, no_answer
from heisenberg.core.aio import finish
from heisenberg.core.config import AudioConfig

__all__ = ["DeviceState", "LiveCard", "Report"]

_START_S: Final = 5.0


class LiveCard:
    """``source``, ``sink`` and ``reference`` stay the same while devices come and go.

    ``fader`` sets the volume; ``now_s()`` is the clock by which both sides go.
    """

    def __init__(
        self, config: AudioConfig, report: Report, time: LiveTime, *, with_microphone: bool
    ) -> None:
        """Use ``open``."""
        self.now_s = time.now_s
        self.fader = Fader(config.volume)
        self.reference = PlayedSound(lambda: self.source.waiting)
        self.sink = LiveSink(
            time, self.fader, self.reference, self._release_speaker, self._rouse_speaker
        )
        self.source = LiveSource(
            time,
            may_rest=lambda: not self.sink.in_reply,
            opened=self.reference.listen_anew,
            lost=self.reference.level,
            release=self._release_microphone,
        )
        self._speaker = Line("output", config.output_device, self.sink, report)
        self._microphone = Line("input", config.input_device, self.source, report)
        self._supervisor = Supervisor(
            (self._speaker, self._microphone) if with_microphone else (self._speaker,),
            time,
            bluetooth=config.bluetooth_microphone,
            may_interrupt=self._may_interrupt,
        )

    @classmethod
    async def open(
        cls, config: AudioConfig, report: Report, *, time: LiveTime | None = None
    ) -> Self:
        """Open the configured microphone and speaker, as far as they are there.

        ``report`` is told once of each device that is missing, is lost, is silent or comes back.
        Raises ``DeviceNotFound`` only when there is no PortAudio library.
        """
        card = cls(config, report, time or LiveTime.begin(), with_microphone=True)
        await card._start()
        return card

    @classmethod
    async def open_speaker(cls, config: AudioConfig, *, time: LiveTime | None = None) -> Self:
        """Open the speaker alone, to say one thing now.

        Raises ``DeviceNotFound``, or ``DeviceLost`` when it is busy.
        """
        card = cls(config, _tell_nobody, time or LiveTime.begin(), with_microphone=False)
        await card._start()
        if card._speaker.device is None:
            await card.aclose()
            raise card._speaker.problem or no_answer()
        return card

    @property
    def microphone(self) -> str:
        """The name of the microphone that is open; empty when none is."""
        return self._microphone.device.name if self._microphone.device else ""

    @property
    def speaker(self) -> str:
        """The name of the speaker that is open, or rests; empty when there is none."""
        device = self._speaker.device or self._speaker.resting
        return device.name if device else ""

    @property
    def overruns(self) -> int:
        """How often sound from the microphone was lost."""
        return self.source.overruns

    @property
    def underruns(self) -> int:
        """How often the speaker ran dry."""
        return self.sink.underruns

    async def aclose(self) -> None:
        """Give the devices back, within two seconds; again does nothing."""
        self.source.end()
        self.sink.end()
        await finish(asyncio.ensure_future(self._supervisor.aclose()))

    async def _start(self) -> None:
        try:
            await self._supervisor.start(within_s=_START_S)
        except BaseException:
            await self.aclose()
            raise

    def _may_interrupt(self) -> bool:
        """A reply that sounds goes on to its end, though the microphone is gone."""
        return self._speaker.device is None or not self.sink.in_reply

    async def _release_speaker(self) -> None:
        await self._supervisor.release(self._speaker)

    def _rouse_speaker(self) -> None:
        self._supervisor.rouse(self._speaker)

    async def _release_microphone(self) -> None:
        await self._supervisor.release(self._microphone)


def _tell_nobody(*_: object) -> None:
    pass
