"""``heisenberg bench satellites``: rooms at the other end of a network."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, load_config

if TYPE_CHECKING:
    from heisenberg.bench.running.satellites import Round
    from heisenberg.core.config import Config

app = typer.Typer()


@app.command()
def satellites(
    repeat: Annotated[int, typer.Option(min=1, max=100, help="How often each is asked.")] = 4,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Three satellites that are asked something at once, against one alone."""
    from heisenberg.bench.running.satellites import SETTINGS
    from heisenberg.core import lifecycle

    loaded = load_config(config, [*(settings or ()), *SETTINGS])
    return lifecycle.run(_satellites(loaded, repeat, as_json=as_json))


async def _satellites(config: Config, repeat: int, *, as_json: bool) -> int:
    from heisenberg.bench.running.ready import ready_engines
    from heisenberg.bench.running.satellites import bench_satellites
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages

    def show(kind: str, found: Round) -> None:
        for alone, together in zip(found.alone, found.together, strict=True):
            sides = [f"{one.first_sound_s or 0:5.2f} s" for one in (alone, together)]
            wrong = "" if together.right else f"  WRONG: {together.transcript} {together.answer}"
            line = f"  {kind:<7} alone {sides[0]}, of three {sides[1]}  {alone.question}{wrong}"
            print(line, file=sys.stderr, flush=True)

    async with Stages(show_loading) as stages:
        engines = await ready_engines(config, stages)
        with tempfile.TemporaryDirectory() as folder:
            report = await bench_satellites(
                config, engines, Path(folder), repeat=repeat, on_round=show
            )
    found = report.as_dict()
    if as_json:
        typer.echo(json.dumps(found))
        return 0
    for kind, one in found.items():
        typer.echo(
            f"{kind}: first sound after {one['together_s']} s of three, {one['alone_s']} s alone: "
            f"{one['ratio']} times (a question {one['ratio_max']} at most); "
            f"{one['right']} of {one['asked']} right, {one['right_alone']} alone."
        )
    return 0
