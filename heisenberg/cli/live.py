"""``heisenberg run``: the daemon."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from heisenberg.cli.options import ConfigOption, SetOption, load_config

if TYPE_CHECKING:
    from heisenberg.core.config import Config


def run(config: ConfigOption = None, settings: SetOption = None) -> int:
    """Listen at the microphone and answer aloud, until stopped."""
    from heisenberg.core import lifecycle

    return lifecycle.run(_run(load_config(config, settings)), interrupted=0)


async def _run(config: Config) -> int:
    import time

    from heisenberg.audio.portaudio import (
        LiveClock,
        PortAudioSink,
        PortAudioSource,
        find_devices,
    )
    from heisenberg.cli.progress import show_loading
    from heisenberg.cli.timeline import Timeline
    from heisenberg.core.lifecycle import Stages
    from heisenberg.main import Devices, assemble, load_engines

    began_s = time.monotonic()
    print("Starting.", file=sys.stderr)
    async with Stages(show_loading) as stages:
        await find_devices(config.audio.input_device, config.audio.output_device)
        engines = await load_engines(config, stages)
        clock = LiveClock()
        sink = await stages.start(
            "speaker", PortAudioSink.open(config.audio.output_device, clock.now_s)
        )
        source = await stages.start(
            "microphone", PortAudioSource.open(config.audio.input_device, clock.now_s)
        )
        app = assemble(config, engines, Devices(source, sink, clock.now_s))
        app.bus.observe(Timeline(sys.stderr))
        print(f"Ready after {time.monotonic() - began_s:.1f} s.", file=sys.stderr)
        await app.run()
    return 0
