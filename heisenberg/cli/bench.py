"""``heisenberg bench``: measurements."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, load_config

if TYPE_CHECKING:
    from heisenberg.core.config import Config

app = typer.Typer(help="Measure this machine.", no_args_is_help=True)


@app.command()
def voice(
    as_json: JsonOption = False, config: ConfigOption = None, settings: SetOption = None
) -> int:
    """Twelve spoken questions in real time: end of speech to first sound."""
    from heisenberg.core import lifecycle

    return lifecycle.run(_voice(load_config(config, settings), as_json=as_json))


@app.command()
def memory(
    as_json: JsonOption = False, config: ConfigOption = None, settings: SetOption = None
) -> int:
    """Resident memory of the whole assistant, loaded and after three turns."""
    from heisenberg.core import lifecycle

    return lifecycle.run(_memory(load_config(config, settings), as_json=as_json))


@app.command()
def start(
    as_json: JsonOption = False,
    repeat: Annotated[int, typer.Option(min=1, max=50, help="How often.")] = 5,
    settings: SetOption = None,
) -> None:
    """From starting the process to ready; and the command line alone."""
    from heisenberg.bench.start import bench_start

    report = bench_start(settings or (), repeat=repeat)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(report)))
        return
    typer.echo(f"import heisenberg.cli   {report.import_cli_s:6.3f} s")
    typer.echo(f"heisenberg --help       {report.help_s:6.3f} s")
    typer.echo(f"ready (heisenberg {report.ready_command})  {report.ready_s:6.2f} s")


async def _voice(config: Config, *, as_json: bool) -> int:
    from heisenberg.bench.voice import Turn, bench_voice
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages
    from heisenberg.main import load_engines

    def show(turn: Turn) -> None:
        print(
            f"  {turn.first_sample_s:5.2f} s  {turn.transcript}  ->  {turn.reply}", file=sys.stderr
        )

    async with Stages(show_loading) as stages:
        engines = await load_engines(config, stages)
        report = (await bench_voice(config, engines, on_turn=show)).as_dict()
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return 0
    typer.echo(f"{report['answered']} of {report['asked']} questions were answered.")
    for name, seconds in report["stages_median_s"].items():
        typer.echo(f"  {name:<14} {seconds:5.2f} s median")
    first = report["first_sound_s"]
    typer.echo(
        f"End of speech to first sound: median {first['median']} s, at most {first['max']} s."
    )
    return 0


async def _memory(config: Config, *, as_json: bool) -> int:
    from heisenberg.bench.memory import bench_memory
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages
    from heisenberg.main import load_engines

    async with Stages(show_loading) as stages:
        report = await bench_memory(config, await load_engines(config, stages))
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(report)))
        return 0
    typer.echo(f"loaded        {report.loaded_mb:7.1f} MB")
    typer.echo(f"after {report.turns} turns {report.after_turns_mb:7.1f} MB")
    typer.echo(f"at most       {report.peak_mb:7.1f} MB")
    return 0
