"""``heisenberg bench …``: whether skills are understood, and how soon they answer."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, load_config

if TYPE_CHECKING:
    from heisenberg.audio.base import Pcm
    from heisenberg.bench.hearing.stt import Recogniser
    from heisenberg.bench.skills.command_set import CommandSet
    from heisenberg.bench.skills.commands import CommandReport, Find, Tried
    from heisenberg.bench.skills.skill_turns import SkillTurn
    from heisenberg.core.config import Config
    from heisenberg.stt.base import SpeechToText

app = typer.Typer()
"""Added to ``heisenberg bench``."""

_LANGUAGES = ("en", "fr")


@app.command()
def commands(
    sound: Annotated[
        bool, typer.Option("--sound", help="Those that are spoken, as they are heard.")
    ] = False,
    file: Annotated[
        Path | None, typer.Option("--file", help="Other commands than the usual ones.")
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="What was understood wrongly; not of the usual ones.")
    ] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Commands in English and French: how many are understood, and what sets off none?"""
    from heisenberg.bench.skills.command_set import load_commands
    from heisenberg.core import lifecycle
    from heisenberg.core.errors import InputError
    from heisenberg.core.resources import command_set

    if show and file is None:
        raise InputError(
            "Who sees what is wrong there begins to write templates for it.", "Name a --file."
        )
    loaded = load_config(config, settings)
    asked = load_commands(file or command_set())
    return lifecycle.run(_commands(loaded, asked, sound=sound, show=show, as_json=as_json))


@app.command()
def skills(
    repeat: Annotated[int, typer.Option(min=1, max=100, help="How often each is asked.")] = 3,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Spoken requests to skills in real time: from the end of the turn to the first sound."""
    from heisenberg.core import lifecycle

    return lifecycle.run(_skills(load_config(config, settings), repeat, as_json=as_json))


@app.command()
def timers(
    count: Annotated[int, typer.Option(min=2, max=100_000, help="How many are set.")] = 1000,
    seed: Annotated[int, typer.Option(help="Other days.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Days of timers in virtual time: restarts, sleep, other times, summer time. Is one lost?"""
    import asyncio
    import tempfile

    from heisenberg.bench.skills.timer_days import bench_timer_days

    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(bench_timer_days(Path(folder), count, seed=seed)).as_dict()
    if as_json:
        typer.echo(json.dumps(found))
        return
    typer.echo(
        f"{found['set']} timers in {found['days']} days: {found['rung']} rang, "
        f"some {found['again']} times again, "
        f"{found['cancelled']} were cancelled, {found['lost']} lost."
    )
    typer.echo(
        f"{found['early']} early, {found['late']} more than a second late (the latest "
        f"{found['worst_late_s']} s), {found['wrong_hour']} at another hour, "
        f"{found['unexpected']} that was cancelled."
    )
    typer.echo(", ".join(f"{name}: {times}" for name, times in found["events"].items()))


async def _commands(
    config: Config, asked: CommandSet, *, sound: bool, show: bool, as_json: bool
) -> int:
    import asyncio

    from heisenberg.bench.skills.commands import bench_commands

    finds = await asyncio.to_thread(_finds, config)
    report = await _heard(config, finds, asked) if sound else bench_commands(finds, asked)
    found = report.as_dict()
    if not show:
        del found["wrong"]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        _print(found)
    return 0


def _finds(config: Config) -> dict[str, Find]:
    """For each language, what finds commands where it is the first of those that are spoken."""
    from heisenberg.skills.discovery import load_repertoire

    orders = {one: (one, *(other for other in _LANGUAGES if other != one)) for one in _LANGUAGES}
    return {one: load_repertoire(config.skills, order).find for one, order in orders.items()}


async def _heard(config: Config, finds: dict[str, Find], asked: CommandSet) -> CommandReport:
    import asyncio

    from heisenberg.bench.skills.command_sounds import spoken_commands
    from heisenberg.bench.skills.commands import bench_aloud
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages
    from heisenberg.engines import whisper
    from heisenberg.store.store import Store

    def show(one: Tried) -> None:
        print(f"  {'right' if one.right else 'wrong'}, {one.language}", file=sys.stderr)

    utterances = await asyncio.to_thread(spoken_commands, config, asked)
    store = await asyncio.to_thread(Store.open, config)
    recognisers: dict[str, Recogniser] = {}
    async with Stages(show_loading) as stages:
        for language in {one.group.language for one in utterances}:
            spoken = config.model_copy(update={"languages": (language,)})
            engine = await stages.start(f"recogniser in '{language}'", whisper(spoken, store))
            recognisers[language] = _words_of(engine)
        return await bench_aloud(finds, asked, utterances, recognisers, show)


def _words_of(engine: SpeechToText) -> Recogniser:
    async def recogniser(utterance: Pcm) -> str:
        return (await engine.transcribe(utterance)).text

    return recogniser


def _print(found: dict[str, Any]) -> None:
    for title, key in (("understood", "commands"), ("no command, and taken for none", "others")):
        for language, one in found[key].items():
            if one["said"]:
                typer.echo(f"{title}, {language}: {one['right']} of {one['said']}")
    for title in ("by_category", "by_voice"):
        for name, one in found[title].items():
            typer.echo(f"  {name:<16} {one['right']:3} of {one['said']:3}")
    for one in found.get("wrong", ()):
        took = one["found"] or "nothing"
        typer.echo(f"  {one['language']} {one['category']}: {one['heard']}  ->  {took}")
    find_ms = found["find_ms"]
    typer.echo(f"Found in {find_ms['p50']:.1f} ms median, {find_ms['p95']:.1f} ms p95.")


async def _skills(config: Config, repeat: int, *, as_json: bool) -> int:
    from heisenberg.bench.running.ready import ready_engines
    from heisenberg.bench.skills.skill_turns import bench_skill_turns
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages

    def show(question: str, turn: SkillTurn | None) -> None:
        took = f"{turn.after_ms:5.0f} ms  {turn.reply}" if turn else "no skill answered"
        print(f"  {question}  {took}", file=sys.stderr, flush=True)

    async with Stages(show_loading) as stages:
        engines = await ready_engines(config, stages)
        report = await bench_skill_turns(config, engines, repeat=repeat, on_turn=show)
    found = report.as_dict()
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return 0
    typer.echo(f"{found['answered']} of {found['asked']} requests were answered by a skill.")
    for title, key, unit in (
        ("after the end of the turn", "after_ms", "ms"),
        ("… of what is not done in a draft", "undrafted_after_ms", "ms"),
        ("after the last voice", "wait_s", "s"),
    ):
        typer.echo(f"{title}: {found[key]['p50']} {unit} median, {found[key]['p95']} {unit} p95")
    for name, one in found["undrafted_stages_ms"].items():
        typer.echo(f"  {name:<8} {one['p50']:6.1f} ms median, {one['p95']:6.1f} ms p95")
    return 0
