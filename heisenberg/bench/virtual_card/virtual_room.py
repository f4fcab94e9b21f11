"""A room of our own for this process: virtual loudspeaker, air, virtual microphone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from heisenberg.bench.virtual_card.air import Air, AirSettings, open_air
from heisenberg.bench.virtual_card.soundcard import sound_card


@contextmanager
def virtual_room(settings: AirSettings) -> Iterator[Air]:
    """A virtual card that this process's PortAudio sees as its default, and the air around it.

    It must be entered before PortAudio is first used here. Raises ``DeviceNotFound`` where there
    is no PulseAudio.
    """
    with tempfile.TemporaryDirectory() as folder, sound_card(Path(folder)) as card:
        before = dict(os.environ)
        os.environ.update(card.environment)
        try:
            recording = str(Path(folder) / "air.pcm")
            with open_air(card, replace(settings, recording=recording)) as air:
                yield air
        finally:
            os.environ.clear()
            os.environ.update(before)
