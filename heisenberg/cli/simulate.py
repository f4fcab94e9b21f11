"""``heisenberg simulate``: the daemon with a file as its microphone."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from heisenberg.cli.options import ConfigOption, SetOption, load_config

if TYPE_CHECKING:
    from collections.abc import Sequence

    from heisenberg.audio.base import Pcm
    from heisenberg.core.config import Config
    from heisenberg.core.events import EventRecord
    from heisenberg.simulation import Conditions


def simulate(
    recording: Annotated[Path, typer.Argument(metavar="IN.wav", help="What the microphone hears.")],
    out: Annotated[
        Path | None, typer.Option(metavar="OUT.wav", help="Write what the speaker played.")
    ] = None,
    events: Annotated[
        Path | None, typer.Option(metavar="E.jsonl", help="Write the events, one JSON a line.")
    ] = None,
    ptt: Annotated[bool, typer.Option("--ptt", help="Hold the key for the whole file.")] = False,
    fast: Annotated[
        bool, typer.Option("--fast", help="As fast as it can, on audio time; no latencies.")
    ] = False,
    echo_gain: Annotated[
        float, typer.Option(min=0.0, max=10.0, help="Mix the speaker into the microphone.")
    ] = 0.0,
    echo_delay_ms: Annotated[
        float, typer.Option(min=0.0, max=2000.0, help="How late the echo arrives.")
    ] = 0.0,
    echo_room: Annotated[
        int | None, typer.Option(min=0, metavar="SEED", help="The echo comes from a made-up room.")
    ] = None,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Run the daemon on a recording, at real-time pace unless --fast."""
    from heisenberg.audio.simulated import Echo
    from heisenberg.audio.wavfile import read_sound
    from heisenberg.core import lifecycle
    from heisenberg.core.files import check_writable
    from heisenberg.simulation import Conditions

    loaded = load_config(config, settings)
    for path in (out, events):
        if path is not None:
            check_writable(path)
    pcm = read_sound(recording)

    echo = Echo(echo_gain, echo_delay_ms, echo_room) if echo_gain > 0 else None
    conditions = Conditions(ptt=ptt, fast=fast, echo=echo)
    return lifecycle.run(_simulate(loaded, pcm, conditions, out, events))


async def _simulate(
    config: Config, pcm: Pcm, conditions: Conditions, out: Path | None, events: Path | None
) -> int:
    from heisenberg import simulation
    from heisenberg.audio.wavfile import write_wav
    from heisenberg.cli.progress import show_loading
    from heisenberg.cli.timeline import Timeline, waterfall
    from heisenberg.core.latency import latencies
    from heisenberg.core.lifecycle import Stages
    from heisenberg.loading import load_engines

    async with Stages(show_loading) as stages:
        engines = await load_engines(config, stages)
        result = await simulation.simulate(
            config, engines, pcm, conditions, observer=Timeline(sys.stderr)
        )
    if out is not None:
        write_wav(out, result.speaker)
    if events is not None:
        _write_events(events, result.events)
    if not conditions.fast:
        for turn in latencies(result.events):
            typer.echo("\n".join(waterfall(turn)), err=True)
    return 0


def _write_events(path: Path, records: Sequence[EventRecord]) -> None:
    from heisenberg.core.files import replace_file

    with replace_file(path) as file:
        for line in _lines(records):
            file.write((json.dumps(line, ensure_ascii=False) + "\n").encode())


def _lines(records: Sequence[EventRecord]) -> list[dict[str, Any]]:
    """The events as they are written: of a reply's tokens only the first."""
    from heisenberg.core.events import Event

    lines = []
    token_written = False
    for record in records:
        if record.event is Event.LLM_TOKEN and token_written:
            continue
        token_written = record.event is Event.LLM_TOKEN or (
            token_written and record.event is not Event.TRANSCRIPT
        )
        lines.append(record.as_dict())
    return lines
