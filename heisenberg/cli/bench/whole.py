"""The assistant as a whole, and every measurement there is."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, as_arguments, load_config
from heisenberg.core.errors import InputError

if TYPE_CHECKING:
    from heisenberg.audio.base import Pcm
    from heisenberg.core.config import Config

app = typer.Typer(no_args_is_help=True)

_NOISE_SEED: Final = 1


@app.callback()
def speak_alike(context: typer.Context) -> None:
    """Measure this machine."""
    import os
    import tempfile

    from heisenberg.machine.onnx import repeat_noise

    repeat_noise(_NOISE_SEED)
    # What is asked may set timers, here and in child processes; they are not the user's.
    kept = tempfile.TemporaryDirectory(prefix="heisenberg-bench-")
    context.call_on_close(kept.cleanup)
    os.environ["HEISENBERG_SKILLS__DATA"] = kept.name


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
    from heisenberg.bench.running.start import bench_start

    report = bench_start(settings or (), repeat=repeat)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(report)))
        return
    typer.echo(f"import heisenberg.cli   {report.import_cli_s:6.3f} s")
    typer.echo(f"heisenberg --help       {report.help_s:6.3f} s")
    typer.echo(f"ready (heisenberg {report.ready_command})  {report.ready_s:6.2f} s")


@app.command()
def idle(
    minutes: Annotated[
        float, typer.Option(min=0.1, help="How long: half in quiet, half while others talk.")
    ] = 60.0,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> None:
    """What the daemon costs while it waits for the wake word, on a virtual sound card."""
    import asyncio
    import tempfile

    from heisenberg.bench.running.idle import IdleHalf, bench_idle

    def show(name: str, half: IdleHalf) -> None:
        print(
            f"  {name:<7} {half.cpu_percent:5.2f} % of a core, "
            f"{half.begin_mb:.0f} to {half.end_mb:.0f} MB, {half.wakes} false wakes",
            file=sys.stderr,
        )

    speech = asyncio.run(_talk(load_config(config, settings)))
    with tempfile.TemporaryDirectory() as folder:
        report = bench_idle(
            Path(folder),
            speech,
            minutes=minutes,
            options=as_arguments(config, settings),
            on_half=show,
        )
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(report)))


@app.command()
def wake(
    positives: Annotated[
        int, typer.Option(min=1, help="How often the wake word is said, in 10 dB of noise or less.")
    ] = 200,
    hours: Annotated[float, typer.Option(min=0.0, help="How long other sound is played.")] = 8.0,
    keep: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep findings in FILE, and go on from those in it."),
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """How often the wake word is missed, and something else taken for it; faster than real time."""
    from heisenberg.core import lifecycle

    loaded = load_config(config, settings)
    return lifecycle.run(_wake(loaded, positives, hours, keep, as_json=as_json))


@app.command("all")
def run_all(
    only: Annotated[
        list[str] | None, typer.Option(metavar="ROW", help="Only this row; repeatable.")
    ] = None,
    again: Annotated[
        list[str] | None,
        typer.Option(metavar="ROW", help="Even if it was measured before; repeatable."),
    ] = None,
) -> int:
    """All measurements into docs/bench.json; those that are there already are not repeated."""
    from heisenberg.bench.tables.render import plain
    from heisenberg.bench.tables.rows import ROWS
    from heisenberg.bench.tables.table import Origin, measure_missing, read_results, run_command
    from heisenberg.core.resources import checkout
    from heisenberg.loading.engine import planned

    root = checkout()
    if root is None:
        raise InputError("There is no checkout to measure.", "Run it in a clone of the repository.")
    known = {row.name for row in ROWS}
    if unknown := {*(only or ()), *(again or ())} - known:
        raise InputError(
            f"There is no row {', '.join(sorted(unknown))}.",
            f"There are {', '.join(sorted(known))}.",
        )
    file = root / "docs" / "bench.json"
    failed = measure_missing(
        [row for row in ROWS if not only or row.name in only],
        file,
        Origin.here(root, planned(load_config(None, None))[0]),
        run_command,
        again=frozenset(again or ()),
        report=lambda text: print(text, file=sys.stderr),
    )
    typer.echo(plain(ROWS, read_results(file)))
    return 1 if failed else 0


async def _talk(config: Config) -> Pcm:
    from heisenberg.bench.running.idle import talk
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages
    from heisenberg.loading.engine import load_voice

    async with Stages(show_loading) as stages:
        return await talk(await load_voice(config, stages))


async def _memory(config: Config, *, as_json: bool) -> int:
    from heisenberg.bench.running.memory import bench_memory
    from heisenberg.bench.running.ready import ready_engines
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages

    async with Stages(show_loading) as stages:
        report = await bench_memory(config, await ready_engines(config, stages))
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(report)))
        return 0
    typer.echo(f"loaded        {report.loaded_mb:7.1f} MB")
    typer.echo(f"after {report.turns} turns {report.after_turns_mb:7.1f} MB")
    typer.echo(f"at most       {report.peak_mb:7.1f} MB")
    return 0


async def _wake(
    config: Config, positives: int, hours: float, keep: Path | None, *, as_json: bool
) -> int:
    from heisenberg.bench.hearing.wake import Extent, bench_wake
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages

    def show(text: str) -> None:
        print(f"  {text}", file=sys.stderr, flush=True)

    async with Stages(show_loading) as stages:
        extent = Extent(positives, hours)
        found = (await bench_wake(config, stages, extent, keep=keep, report=show)).as_dict()
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return 0
    for title, key in (
        ("calls in 10 dB of noise or less", "calls"),
        ("calls in 5 dB of noise", "calls_in_5_db"),
        ("calls by espeak-ng", "espeak_calls"),
    ):
        typer.echo(f"{title:<32} {found[key]['missed']} of {found[key]['asked']} missed")
    other = found["other_sound"]
    typer.echo(f"{other['hours']:.1f} hours of other sound: {other['false_accepts']} false accepts")
    for cause in other["causes"]:
        typer.echo(f"  {cause['kind']}: {cause['name']}")
    return 0
