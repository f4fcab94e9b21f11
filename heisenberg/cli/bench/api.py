"""``heisenberg bench``: programs that ask over HTTP, and what they cost a voice."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, load_config

if TYPE_CHECKING:
    from heisenberg.bench.api.api_load import Pair
    from heisenberg.bench.api.clippy import Asked
    from heisenberg.core.config import Config

app = typer.Typer()


@app.command("api-load")
def api_load(
    repeat: Annotated[int, typer.Option(min=1, max=100, help="How often each is asked.")] = 3,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Spoken questions while 50 programs watch and 20 requests a second come, and without."""
    from heisenberg.bench.turns.voice import SAME_FOR_ALL
    from heisenberg.core import lifecycle

    loaded = load_config(config, [*(settings or ()), *SAME_FOR_ALL, "api.port=0"])
    return lifecycle.run(_api_load(loaded, repeat, as_json=as_json))


@app.command()
def clippy(
    rounds: Annotated[int, typer.Option(min=1, max=20, help="How often.")] = 3,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Questions about documents over HTTP: how soon the first token comes."""
    from heisenberg.bench.api.clippy import SETTINGS
    from heisenberg.core import lifecycle

    loaded = load_config(config, [*(settings or ()), *SETTINGS])
    return lifecycle.run(_clippy(loaded, rounds, as_json=as_json))


@app.command("yield")
def yielding(
    repeat: Annotated[int, typer.Option(min=1, max=100, help="How often each is tried.")] = 4,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """How long a voice waits for the model while a program's reply is being written."""
    from heisenberg.core import lifecycle

    loaded = load_config(config, [*(settings or ()), "llm.temperature=0", "llm.seed=1"])
    return lifecycle.run(_yielding(loaded, repeat, as_json=as_json))


@app.command()
def requests(
    minutes: Annotated[float, typer.Option(min=0.1, max=600, help="How long.")] = 10,
    as_json: JsonOption = False,
) -> int:
    """Requests of every kind that the API describes, and worse: none may make it fail."""
    from heisenberg.bench.api.requests import bench_requests

    found = bench_requests(minutes).as_dict()
    if as_json:
        typer.echo(json.dumps(found))
        return 0
    typer.echo(
        f"{found['requests']} requests to {found['operations']} operations in "
        f"{found['minutes']} minutes: {found['failed']} failed."
    )
    return 0


async def _yielding(config: Config, repeat: int, *, as_json: bool) -> int:
    from heisenberg.bench.api.yielding import bench_yielding
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages
    from heisenberg.loading.language_model import load_language_model

    def show(alone_s: float, beside_s: float) -> None:
        print(f"  {alone_s:6.3f} s alone, {beside_s:6.3f} s beside a program", file=sys.stderr)

    async with Stages(show_loading) as stages:
        llm = await load_language_model(config, stages)
        report = await bench_yielding(llm, repeat=repeat, on_trial=show)
    found = report.as_dict()
    if as_json:
        typer.echo(json.dumps(found))
        return 0
    typer.echo(
        f"A voice waits {found['wait_s']} s for a program, {found['wait_max_s']} s at most "
        f"({found['trials']} times)."
    )
    return 0


async def _api_load(config: Config, repeat: int, *, as_json: bool) -> int:
    from heisenberg.bench.api.api_load import bench_api_load
    from heisenberg.bench.running.ready import ready_engines
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages

    def show(pair: Pair) -> None:
        sides = [f"{side.first_sample_s:5.2f} s" if side else "  none " for side in pair.sides]
        print(
            f"  alone {sides[0]}, loaded {sides[1]}  {pair.question}", file=sys.stderr, flush=True
        )

    async with Stages(show_loading) as stages:
        engines = await ready_engines(config, stages)
        report = await bench_api_load(config, engines, repeat=repeat, on_pair=show)
    found = report.as_dict()
    if as_json:
        typer.echo(json.dumps(found))
        return 0
    typer.echo(
        f"First sound after {found['loaded_first_sound_s']} s under load, "
        f"{found['alone_first_sound_s']} s without: {found['ratio']} times. "
        f"{found['requests_s']} requests a second were answered, {found['failed']} were not."
    )
    return 0


async def _clippy(config: Config, rounds: int, *, as_json: bool) -> int:
    from heisenberg.bench.api.clippy import bench_clippy

    def show(asked: Asked) -> None:
        print(
            f"  {asked.first_token_s:5.2f} s, the model alone {asked.alone_s:5.2f} s, "
            f"again {1000 * asked.again_s:4.0f} ms  {asked.question}",
            file=sys.stderr,
            flush=True,
        )

    found = (await bench_clippy(config, rounds, on_asked=show)).as_dict()
    if as_json:
        typer.echo(json.dumps(found))
        return 0
    typer.echo(
        f"First token after {found['first_token_s']} s, {found['ratio']} times the model alone; "
        f"about the same documents after {found['same_documents_s']} s; "
        f"asked again after {found['again_ms']} ms."
    )
    return 0
