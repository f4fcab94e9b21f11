"""``heisenberg bench``: the language model, its memory, its structure, its server."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, as_arguments, load_config

if TYPE_CHECKING:
    from heisenberg.bench.llm.model_space import Asked
    from heisenberg.bench.llm.quantization import Level
    from heisenberg.bench.llm.recall import RecallTurn
    from heisenberg.bench.llm.structure import Try
    from heisenberg.core.config import Config

app = typer.Typer()


@app.command()
def structure(
    tries: Annotated[int, typer.Option(min=1, max=1000, help="How many replies.")] = 200,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """How many replies by a JSON Schema parse and fit it."""
    from heisenberg.core import lifecycle

    return lifecycle.run(_structure(load_config(config, settings), tries, as_json=as_json))


@app.command()
def recall(
    turns: Annotated[int, typer.Option(min=20, max=1000, help="How long.")] = 200,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """What a very long conversation remembers, and what its prompts cost."""
    from heisenberg.core import lifecycle

    return lifecycle.run(_recall(load_config(config, settings), turns, as_json=as_json))


@app.command()
def server(
    rounds: Annotated[int, typer.Option(min=1, max=50, help="How often.")] = 5,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> None:
    """A llama.cpp server asked by one client and by four at once."""
    import asyncio

    from heisenberg.bench.llm.model_server import bench_model_server, running_server

    load_config(config, settings)
    with running_server(as_arguments(config, settings)) as url:
        found = asyncio.run(bench_model_server(url, rounds=rounds)).as_dict()
    if as_json:
        typer.echo(json.dumps(found))
        return
    typer.echo(
        f"One client: {found['alone_tokens_s']} tokens a second; {found['clients']} at once: "
        f"{found['together_tokens_s']}, {found['ratio']} times as many."
    )
    typer.echo(f"A cancelled request is gone after {found['freed_max_s']} s at most.")


@app.command()
def models(
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Three language models in turn, in a space for two, under a limit of memory."""
    from heisenberg.core import lifecycle

    return lifecycle.run(_models(load_config(config, settings), as_json=as_json))


@app.command()
def quantization(
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """The configured language model in 16 to 2 bits a weight: size, speed, right answers."""
    from heisenberg.core import lifecycle

    return lifecycle.run(_quantization(load_config(config, settings), as_json=as_json))


async def _quantization(config: Config, *, as_json: bool) -> int:
    from heisenberg.bench.llm.quantization import bench_quantization

    def show(one: Level) -> None:
        print(
            f"{one.level:7} {one.file_mb:5} MB, {one.memory_mb} MB in memory, {one.tokens_s} "
            f"tokens/s, first after {one.first_token_s} s, {one.passed} of {one.of} right",
            file=sys.stderr,
            flush=True,
        )

    found = await bench_quantization(config, show)
    if as_json:
        typer.echo(json.dumps({"levels": {one.level: one.as_dict() for one in found}}))
    return 0


async def _models(config: Config, *, as_json: bool) -> int:
    from heisenberg.bench.llm.model_space import bench_model_space

    def show(one: Asked) -> None:
        print(
            f"  {one.seconds:5.1f} s  {one.model}: {one.answer}  (in memory: "
            f"{', '.join(one.loaded)})",
            file=sys.stderr,
            flush=True,
        )

    found = (await bench_model_space(config, show)).as_dict()
    if as_json:
        typer.echo(json.dumps(found))
        return 0
    left = "the oldest" if found["oldest_left"] else "another one"
    typer.echo(f"{found['right']} of {found['asked']} answers are right.")
    typer.echo(f"At most {found['most_at_once']} models were in memory; {left} left for the next.")
    if found["peak_mb"] is None:
        typer.echo("This process could not be limited: that takes Linux, and its administrator.")
    else:
        typer.echo(
            f"Held at most: {found['peak_mb']} of {found['limit_mb']} MB, files that were read "
            "included."
        )
    return 0


async def _structure(config: Config, tries: int, *, as_json: bool) -> int:
    from heisenberg.bench.llm.structure import bench_structure
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages
    from heisenberg.loading.language_model import load_language_model

    def show(one: Try) -> None:
        said = one.problem or " ".join(one.text.split())
        print(f"  {one.seconds:5.1f} s  {one.question}  ->  {said}", file=sys.stderr, flush=True)

    async with Stages(show_loading) as stages:
        llm = await load_language_model(config, stages)
        done = await bench_structure(llm, tries=tries, on_try=show)
    failed = [one for one in done if one.problem]
    found = {
        "tries": len(done),
        "valid": len(done) - len(failed),
        "failed": [{"question": one.question, "problem": one.problem} for one in failed],
    }
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        typer.echo(f"{found['valid']} of {found['tries']} replies parse and fit their schema.")
    return 0


async def _recall(config: Config, turns: int, *, as_json: bool) -> int:
    from heisenberg.bench.llm.recall import bench_recall
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages
    from heisenberg.llm.prompts.prompt_words import PromptWords
    from heisenberg.loading.language_model import load_language_model

    def show(turn: RecallTurn) -> None:
        print(
            f"  {turn.first_piece_s:6.3f} s, {turn.prompt_tokens:4} tokens  {turn.question}  ->  "
            f"{turn.reply}",
            file=sys.stderr,
            flush=True,
        )

    async with Stages(show_loading) as stages:
        llm = await load_language_model(config, stages)
        words = PromptWords.load(config.llm.system_prompt, config.languages[0])
        report = await bench_recall(
            llm,
            words,
            max_history_turns=config.llm.max_history_turns,
            turns=turns,
            on_turn=show,
        )
    found = report.as_dict()
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return 0
    typer.echo(f"{found['recalled']} of {found['facts']} facts are known after {turns} turns.")
    typer.echo(f"The longest prompt had {found['longest_prompt_tokens']} tokens.")
    typer.echo(f"The last turns take {found['ratio']} times as long as those around the tenth.")
    return 0
