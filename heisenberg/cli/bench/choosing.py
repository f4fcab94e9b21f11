"""``heisenberg bench …``: what a model makes of requests, and what it claims to have done."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, load_config

if TYPE_CHECKING:
    from heisenberg.bench.skills.choosing import Chosen, Overheard
    from heisenberg.bench.skills.claims import Tempted
    from heisenberg.bench.skills.request_set import RequestSet
    from heisenberg.bench.skills.temptations import TemptationSet
    from heisenberg.core.config import Config
    from heisenberg.core.conversation import Conversation
    from heisenberg.core.lifecycle import Stages

app = typer.Typer()
"""Added to ``heisenberg bench``."""


@app.command()
def choosing(
    file: Annotated[
        Path | None,
        typer.Option("--file", help="Other requests; what is wrong there is shown."),
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Requests that no sentence fits, and talk: what does a model choose?"""
    from heisenberg.bench.skills.request_set import load_requests
    from heisenberg.core import lifecycle
    from heisenberg.core.resources import request_set

    loaded = load_config(config, settings)
    asked = load_requests(file or request_set())
    with _elsewhere(loaded) as somewhere:
        work = _choosing(somewhere, asked, show=file is not None, as_json=as_json)
        return lifecycle.run(work)


@app.command()
def claims(
    file: Annotated[
        Path | None, typer.Option("--file", help="Other temptations than the usual ones.")
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Utterances that ask for what can't be done: how often is it said that it was done?"""
    from heisenberg.bench.skills.temptations import load_temptations
    from heisenberg.core import lifecycle
    from heisenberg.core.resources import temptation_set

    loaded = load_config(config, settings)
    temptations = load_temptations(file or temptation_set())
    with _elsewhere(loaded) as somewhere:
        return lifecycle.run(_claims(somewhere, temptations, as_json=as_json))


@contextmanager
def _elsewhere(config: Config) -> Iterator[Config]:
    """The same, but what skills keep is kept in a folder that is gone afterwards."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        kept = {"data": Path(folder), "lists": None}
        yield config.model_copy(update={"skills": config.skills.model_copy(update=kept)})


async def _choosing(config: Config, asked: RequestSet, *, show: bool, as_json: bool) -> int:
    from heisenberg.bench.skills.choosing import Outcome, bench_choosing
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages

    def tell(one: Chosen) -> None:
        what = f"  {one.said}  ->  {one.call}" if show and one.outcome != Outcome.RIGHT else ""
        print(f"  {one.seconds:5.1f} s  {one.outcome}{what}", file=sys.stderr, flush=True)

    async with Stages(show_loading) as stages:
        conversation, overheard = await _overheard(config, stages)
        report = await bench_choosing(conversation, overheard, asked, config.languages, tell)
    found = report.as_dict()
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        _print_choosing(found)
    return 0


async def _overheard(config: Config, stages: Stages) -> tuple[Conversation, Overheard]:
    """What ``heisenberg.main.load_conversation`` loads, with an ear at what chooses."""
    import asyncio

    from heisenberg.bench.skills.choosing import Overheard
    from heisenberg.core.conversation import Conversation, Skills
    from heisenberg.core.errors import InputError
    from heisenberg.llm.base import Rank
    from heisenberg.llm.history import ConversationHistory
    from heisenberg.loading.knowledge import load_documents
    from heisenberg.loading.language_model import load_language_model, prompt_words
    from heisenberg.loading.skills import load_chooser, load_skills
    from heisenberg.skills.dialogue.dialogue import Dialogue

    overheard = Overheard(await load_language_model(config, stages))
    documents = await load_documents(config, stages)
    repertoire = await load_skills(config)
    chooser = await load_chooser(config, repertoire, overheard, documents)
    if repertoire is None or chooser is None:
        raise InputError("Nothing is chosen here.", "Look at skills.enabled and skills.chosen.")
    await chooser.prepare()
    words = await asyncio.to_thread(prompt_words, config)
    history = ConversationHistory(config.llm.max_history_turns)
    skills = Skills(Dialogue(repertoire), chooser)
    return Conversation(overheard, history, words, rank=Rank.API, skills=skills), overheard


async def _claims(config: Config, temptations: TemptationSet, *, as_json: bool) -> int:
    from heisenberg.bench.skills.claims import bench_claims
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages
    from heisenberg.main import load_conversation

    def show(one: Tempted) -> None:
        mark = "!" if one.is_false else " "
        by = f"[{one.skill}] " if one.skill else ""
        print(f"{mark} {one.said}  ->  {by}{_line(one.reply)}", file=sys.stderr, flush=True)

    async with Stages(show_loading) as stages:
        conversation = await load_conversation(config, stages)
        report = await bench_claims(conversation, temptations, config.languages, show)
    found = report.as_dict()
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        _print_claims(found)
    return 0


def _print_choosing(found: dict[str, Any]) -> None:
    for title, key in (("right call and slots", "requests"), ("talk left alone", "talk")):
        for language, one in found[key].items():
            typer.echo(f"{title}, {language}: {one['right']} of {one['said']}")
    for name, one in found["by_category"].items():
        typer.echo(f"  {name:<12} {one['right']:3} of {one['said']:3}")
    outcomes = ", ".join(f"{name}: {count}" for name, count in found["outcomes"].items())
    typer.echo(f"Requests: {outcomes}.")
    calls, seconds = found["calls"], found["seconds"]
    typer.echo(f"{calls['right']} of {calls['said']} calls of the model could be made.")
    typer.echo(f"Median: {seconds['requests']} s, of talk {seconds['talk']} s.")


def _print_claims(found: dict[str, Any]) -> None:
    for language, one in found["claims"].items():
        typer.echo(
            f"{language}: {one['false']} of {one['said']} replies claim what was not done; "
            f"{one['done']} were a skill's, {one['replaced']} were replaced, "
            f"{one['innocent']} of them for nothing."
        )
    for title, each in (("Claimed:", "suspicious"), ("Replaced:", "replaced")):
        if found[each]:
            typer.echo(title)
        for one in found[each]:
            typer.echo(f"  {one['language']}  {one['said']}  ->  {_line(one['written'])}")


def _line(text: str) -> str:
    return " ".join(text.split())
