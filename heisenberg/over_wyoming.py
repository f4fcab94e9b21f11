"""What is reached over the Wyoming protocol, put together of a running Heisenberg.

Imported only where it is configured: the library takes time and memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from heisenberg.core.app import App
from heisenberg.core.bus import Bus
from heisenberg.core.config import Config
from heisenberg.core.errors import ConfigError
from heisenberg.core.talk.hearing import Ears
from heisenberg.loading import Engines
from heisenberg.loading.engine import load_listener
from heisenberg.main import assemble_satellite, begin_in_satellite
from heisenberg.wake.base import PhraseListener
from heisenberg.wake.check import WakeCheck
from heisenberg.wake.openwakeword import Head
from heisenberg.wyoming.detectors import Detectors
from heisenberg.wyoming.satellite.link import Ends, SatelliteRoom, Timing
from heisenberg.wyoming.satellite.satellites import Satellite, Satellites
from heisenberg.wyoming.server import WyomingServer, open_server

if TYPE_CHECKING:
    from heisenberg.audio.base import VoiceActivityDetector
    from heisenberg.wake.base import WakeDetector

_OUR_WAKE: Final = "openwakeword"


async def wyoming_server(config: Config, app: App, wake: WakeDetector | None) -> WyomingServer:
    """All that Heisenberg can do, for Home Assistant and the like; ``wake`` is the room's own.

    Raises ``ConfigError`` when the address is taken.
    """
    phrases = _phrases(config, wake)
    detectors = detectors_of(config, wake) if phrases else None
    return await open_server(config, app.services, detectors, phrases)


async def open_satellites(
    config: Config, engines: Engines, timing: Timing | None = None
) -> Satellites:
    """The rooms that are configured: each with a conversation of its own, all on ``engines``."""
    detectors = detectors_of(config, engines.wake) if config.wake.enabled else None
    language, when = config.languages[0], timing or Timing()
    return Satellites(
        [
            Satellite(address, _Rooms(config, engines, detectors).make, language, when)
            for address in config.wyoming.satellites
        ],
        detectors,
    )


class _Rooms:
    """Those of one satellite: another with every connection, where the talk goes on."""

    def __init__(self, config: Config, engines: Engines, detectors: Detectors | None) -> None:
        self._config = config
        self._engines = engines
        self._detectors = detectors
        self._talk = begin_in_satellite(config, engines)

    async def make(self, ends: Ends) -> SatelliteRoom:
        """A ``MakeRoom``."""
        wake = await self._wake() if ends.wakes else None
        try:
            vad: VoiceActivityDetector = await load_listener("vad", self._config)
        except BaseException:
            if wake is not None:
                await wake.aclose()
            raise
        engines, bus = self._engines, Bus(ends.now_s)
        stt = engines.stt if isinstance(engines.stt, PhraseListener) else None
        ears = Ears(
            ends.microphone,
            vad,
            engines.turn_detector,
            wake,
            WakeCheck(stt),
            self._config.wake.speaking_threshold,
        )
        room = assemble_satellite(self._config, engines, ears, ends.speaker, self._talk, bus)

        async def close() -> None:
            await vad.aclose()
            if wake is not None:
                await wake.aclose()

        return SatelliteRoom(room, bus, close)

    async def _wake(self) -> WakeDetector:
        if self._detectors is None:
            raise ConfigError(
                "A satellite wants the wake word to be listened for, and it is off.",
                "Set wake.enabled = true, or let the satellite listen for it.",
            )
        return await self._detectors.another()


def detectors_of(config: Config, wake: WakeDetector | None) -> Detectors:
    """Ears for the wake word in other sound than the room's."""
    return Detectors(partial(load_listener, "wake", config), wake)


def _phrases(config: Config, wake: WakeDetector | None) -> Sequence[str]:
    """The wake words that can be offered; those of a service of others are not ours to offer."""
    if not config.wake.enabled or config.wake.engine != _OUR_WAKE:
        return ()
    return wake.phrases if wake else [Head.at(Path(name)).phrase for name in config.wake.models]
