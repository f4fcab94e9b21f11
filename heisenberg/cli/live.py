"""``heisenberg run``: the daemon."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heisenberg.cli.options import ConfigOption, SetOption, load_config

if TYPE_CHECKING:
    from heisenberg.core.config import Config


def run(
    no_audio: Annotated[
        bool, typer.Option("--no-audio", help="Without sound: the API and the dashboard only.")
    ] = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Listen at the microphone and answer aloud, until stopped."""
    from heisenberg.core import lifecycle
    from heisenberg.core.errors import ConfigError

    settled = load_config(config, settings)
    if no_audio and not settled.api.enabled:
        raise ConfigError(
            "Without sound and without the API, nothing is left.", "Set api.enabled to true."
        )
    running = _run(settled, config, settings, sound=not no_audio)
    return lifecycle.run(running, interrupted=0)


async def _run(
    config: Config, file: Path | None, settings: list[str] | None, *, sound: bool
) -> int:
    import time

    from heisenberg.cli.progress import show_loading
    from heisenberg.cli.timeline import Timeline
    from heisenberg.core.app import App
    from heisenberg.daemon import Watching, serve

    began_s = time.monotonic()
    print("Starting.", file=sys.stderr)

    def reread() -> Config:
        nonlocal began_s
        began_s = time.monotonic()
        print("Reading the configuration again.", file=sys.stderr)
        return load_config(file, settings)

    def show(config: Config, app: App) -> None:
        # Nobody sees a log but by chance: words are written there only when asked for.
        words = config.log.transcripts or sys.stderr.isatty()
        app.bus.observe(Timeline(sys.stderr, words=words))
        print(f"Ready after {time.monotonic() - began_s:.1f} s.", file=sys.stderr)

    await serve(config, reread, Watching(show_loading, show), sound=sound)
    return 0
