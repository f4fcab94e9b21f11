"""``heisenberg bench …``: measurements of the live daemon, in rooms real and simulated."""

from __future__ import annotations

import dataclasses
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, as_arguments, load_config

if TYPE_CHECKING:
    from heisenberg.audio.base import Pcm
    from heisenberg.bench.turns.self_trigger import SelfTriggers
    from heisenberg.core.config import Config

app = typer.Typer()
"""Added to ``heisenberg bench``."""

Minutes = Annotated[float, typer.Option(min=0.1, max=600.0, help="How long.")]
EchoDb = Annotated[float, typer.Option(min=-60.0, max=6.0, help="Level of the echo.")]


@app.command("self-trigger")
def self_trigger(
    minutes: Minutes = 90.0,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Its own speech at three levels of echo in simulated rooms: does it hear itself?"""
    from heisenberg.core import lifecycle

    return lifecycle.run(_self_trigger(load_config(config, settings), minutes, as_json=as_json))


@app.command("self-trigger-loop")
def self_trigger_loop(
    minutes: Minutes = 3.0,
    echo_db: EchoDb = -6.0,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """The same through a virtual sound card whose speaker the microphone hears."""
    from heisenberg.core import lifecycle

    loaded = load_config(config, settings)
    return lifecycle.run(_self_trigger_loop(loaded, minutes, echo_db, as_json=as_json))


@app.command("barge-in")
def barge_in(
    trials: Annotated[int, typer.Option(min=1, max=40, help="Of each kind.")] = 40,
    echo_db: EchoDb = -6.0,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Requests, and sounds that are none, over a reply on a virtual sound card."""
    from heisenberg.core import lifecycle

    loaded = load_config(config, settings)
    return lifecycle.run(_barge_in(loaded, trials, echo_db, as_json=as_json))


@app.command()
def hotato(
    as_json: JsonOption = False, config: ConfigOption = None, settings: SetOption = None
) -> int:
    """The eight public barge-in scenarios of the package hotato."""
    from heisenberg.core import lifecycle

    return lifecycle.run(_hotato(load_config(config, settings), as_json=as_json))


@app.command()
def replug(
    times: Annotated[int, typer.Option(min=1, max=200, help="How often.")] = 20,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> None:
    """Microphone and speaker pulled and put back in every state, on a virtual sound card."""
    from heisenberg.bench.running.replug import Replug, bench_replug
    from heisenberg.core import lifecycle

    def show(one: Replug) -> None:
        print(f"  {one.state:<10} {one.device:<10} {one.back_s:5.2f} s", file=sys.stderr)

    question: list[Pcm] = []
    lifecycle.run(_ask(load_config(config, settings), question))
    with tempfile.TemporaryDirectory() as folder:
        options = as_arguments(config, settings)
        found = bench_replug(
            Path(folder), question[0], times=times, options=options, on_replug=show
        ).as_dict()
    if as_json:
        typer.echo(json.dumps(found))
        return
    typer.echo(
        f"{found['count']} times: back after {found['median_s']} s, at most {found['max_s']}"
    )
    typer.echo(f"threads {found['threads_grown']:+d}, files {found['files_grown']:+d}")


async def _self_trigger(config: Config, minutes: float, *, as_json: bool) -> int:
    from heisenberg.bench.running.ready import ready_engines
    from heisenberg.bench.turns.self_trigger import bench_self_trigger
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages

    def show(level: SelfTriggers) -> None:
        print(f"  {_described(level)}", file=sys.stderr, flush=True)

    async with Stages(show_loading) as stages:
        engines = await ready_engines(config, stages)
        levels = await bench_self_trigger(config, engines, minutes=minutes, on_level=show)
    found = {
        "levels": [dataclasses.asdict(level) for level in levels],
        "spoken_minutes": round(sum(level.spoken_minutes for level in levels), 1),
        "wakes": sum(level.wakes for level in levels),
        "interruptions": sum(level.interruptions for level in levels),
        "ducked": sum(level.ducked for level in levels),
    }
    typer.echo(json.dumps(found) if as_json else "\n".join(map(_described, levels)))
    return 0


async def _self_trigger_loop(
    config: Config, minutes: float, echo_db: float, *, as_json: bool
) -> int:
    from heisenberg.bench.running.ready import ready_engines
    from heisenberg.bench.turns.self_trigger import bench_self_trigger_loop
    from heisenberg.bench.virtual_card.air import AirSettings
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages

    async with Stages(show_loading) as stages:
        engines = await ready_engines(config, stages)
        air = AirSettings(echo_db=echo_db)
        level = await bench_self_trigger_loop(config, engines, minutes=minutes, settings=air)
    typer.echo(json.dumps(dataclasses.asdict(level)) if as_json else _described(level))
    return 0


async def _barge_in(config: Config, trials: int, echo_db: float, *, as_json: bool) -> int:
    from heisenberg.bench.running.ready import ready_engines
    from heisenberg.bench.turns.barge_in import Interruption, NoInterruption, bench_barge_in
    from heisenberg.bench.virtual_card.air import AirSettings
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages

    def show(trial: Interruption | NoInterruption) -> None:
        print(f"  {trial}", file=sys.stderr, flush=True)

    async with Stages(show_loading) as stages:
        engines = await ready_engines(config, stages)
        report = await bench_barge_in(
            config, engines, trials=trials, settings=AirSettings(echo_db=echo_db), on_trial=show
        )
    found = report.as_dict()
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return 0
    for name, value in found.items():
        if name != "trials":
            typer.echo(f"{name:<26} {value}")
    return 0


async def _hotato(config: Config, *, as_json: bool) -> int:
    from heisenberg.bench.running.ready import ready_engines
    from heisenberg.bench.turns.hotato import Outcome, bench_hotato
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages

    def show(outcome: Outcome) -> None:
        print(f"  {outcome}", file=sys.stderr, flush=True)

    async with Stages(show_loading) as stages:
        engines = await ready_engines(config, stages)
        outcomes = await bench_hotato(config, engines, show)
    kinds = {"as_recorded": False, "revoiced": True}
    found = {
        name: {
            "right": sum(one.right for one in outcomes if one.revoiced == revoiced),
            "of": sum(one.revoiced == revoiced for one in outcomes),
        }
        for name, revoiced in kinds.items()
    }
    if as_json:
        document = {**found, "outcomes": [dataclasses.asdict(one) for one in outcomes]}
        typer.echo(json.dumps(document))
        return 0
    for name, counts in found.items():
        typer.echo(f"{name:<12} {counts['right']} of {counts['of']} right")
    return 0


async def _ask(config: Config, into: list[Pcm]) -> int:
    """The question of ``replug``, in the configured voice."""
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages
    from heisenberg.loading.engine import load_voice
    from heisenberg.tts.speech import recorded

    async with Stages(show_loading) as stages:
        voice = await load_voice(config, stages)
        text = "Hey Jarvis, tell me a long story about a dragon and a king."
        into.append(await recorded(voice, text, lead_s=0.2, tail_s=0.0))
    return 0


def _described(level: SelfTriggers) -> str:
    return (
        f"{level.path}, echo at {level.echo_db:g} dB: {level.spoken_minutes} minutes, "
        f"{level.wakes} false wakes, {level.interruptions} false interruptions, "
        f"ducked {level.ducked} times"
    )
