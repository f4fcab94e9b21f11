"""``heisenberg models``: what can be fetched, what is here, and whether it is whole."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, load_config

if TYPE_CHECKING:
    from heisenberg.core.config import Config
    from heisenberg.store.catalogue import Entry
    from heisenberg.store.needs import Need
    from heisenberg.store.pull import Pulled
    from heisenberg.store.store import Store

app = typer.Typer(help="The models on this machine and those that can be fetched.")

_WIDE: Final = 160
"""Columns of the table where there is no terminal to fit it to."""

_FEW: Final = 3
"""Languages named in the table; more are many."""

_ROLES: Final = {
    "llm": "language model",
    "stt": "speech to text",
    "tts": "voice",
    "wake": "wake word",
    "wake_features": "wake word features",
    "turn": "end of turn",
    "embedding": "embeddings",
}

ProfileOption = Annotated[
    str | None,
    typer.Option("--profile", metavar="NAME", help="The profile to look at: default or tiny."),
]
LanguageOption = Annotated[
    list[str] | None,
    typer.Option("--language", metavar="CODE", help="A language, the spoken one first."),
]


@app.command("list")
def list_models(
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> None:
    """Show every model: what it is for, its size and licence, and whether it is installed."""
    from heisenberg.store.needs import needs_of
    from heisenberg.store.store import Store

    loaded = load_config(config, settings)
    store = Store.open(loaded)
    used = {store.choose(need.candidates).id for need in needs_of(loaded, store.catalogue)}
    rows = [_row(store, entry, used) for entry in store.catalogue.models]
    if as_json:
        typer.echo(json.dumps({"store": str(store.directory), "models": rows}, indent=1))
    else:
        _print_table(store, rows)


@app.command()
def pull(
    ids: Annotated[
        list[str] | None,
        typer.Argument(help="Models to fetch; without any, those that the settings call for."),
    ] = None,
    profile: ProfileOption = None,
    language: LanguageOption = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> None:
    """Fetch what is missing or damaged; every file is checked, and what is here stays."""
    from heisenberg.cli.fetching import watching
    from heisenberg.store.pull import failure
    from heisenberg.store.pull import pull as pull_models
    from heisenberg.store.store import Store

    overrides = list(settings or ())
    if profile:
        overrides.append(f"profile={json.dumps(profile)}")
    if language:
        overrides.append(f"languages={json.dumps(language)}")
    loaded = load_config(config, overrides)
    store = Store.open(loaded)
    needs = _needs(loaded, store, ids or ())
    try:
        with watching() as progress:
            outcomes = pull_models(store, needs, progress)
    except KeyboardInterrupt as exc:
        from heisenberg.core.lifecycle import EXIT_INTERRUPTED

        typer.echo("Stopped. The same command goes on from here.", err=True)
        raise typer.Exit(EXIT_INTERRUPTED) from exc
    if as_json:
        rows = [_outcome(outcome) for outcome in outcomes]
        typer.echo(json.dumps({"store": str(store.directory), "models": rows}, indent=1))
    else:
        _print_outcomes(store, outcomes)
    error = failure(outcomes)
    if error:
        raise error


@app.command()
def fit(
    as_json: JsonOption = False, config: ConfigOption = None, settings: SetOption = None
) -> None:
    """Make the language model's weights anew for this processor; kept where it is faster so."""
    from concurrent.futures import ThreadPoolExecutor

    from heisenberg.core.errors import InputError
    from heisenberg.core.lifecycle import EXIT_INTERRUPTED
    from heisenberg.loading.engine import planned
    from heisenberg.model_shelf import fitted_weights
    from heisenberg.store.needs import is_path

    settled, store = planned(load_config(config, settings))
    llm = settled.llm
    if is_path(llm.model):
        raise InputError(
            "A model that is named by its path is used as it is.",
            "Name one of 'heisenberg models list'.",
        )
    entry = store.resolve("llm", llm.model, settled.profile, settled.languages)
    weights, source = fitted_weights(), store.locate(entry.id)
    # Native code would swallow Ctrl-C where it calls back, so this thread only waits.
    with ThreadPoolExecutor(1) as work:
        fitting = work.submit(weights.fit, source, llm.threads)
        try:
            fitted = fitting.result()
        except KeyboardInterrupt:
            weights.discard_attempts()
            typer.echo("Stopped. The weights are used as they came.", err=True)
            sys.stderr.flush()
            os._exit(EXIT_INTERRUPTED)  # what quantizes can't be told to end
    if as_json:
        typer.echo(json.dumps({"model": entry.id, **fitted.model_dump(exclude={"source"})}))
        return
    reads = fitted.after.prompt_tokens_s / fitted.before.prompt_tokens_s
    writes = fitted.after.reply_tokens_s / fitted.before.reply_tokens_s
    typer.echo(
        f"{entry.name}: made anew for this processor it reads {reads:.1f} times as fast and writes "
        f"{writes:.1f} times as fast; it is {'used so' if fitted.kept else 'used as it came'}."
    )


@app.command()
def verify(
    ids: Annotated[
        list[str] | None, typer.Argument(help="Models to check; without any, all that are here.")
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> None:
    """Hash every file of the installed models and compare it with the catalogue."""
    from heisenberg.store.store import Store

    store = Store.open(load_config(config, settings))
    problems = {entry.id: _problems(store, entry) for entry in _installed(store, ids or ())}
    if as_json:
        typer.echo(json.dumps({"store": str(store.directory), "models": problems}, indent=1))
    else:
        for name, lines in problems.items():
            for line in lines:
                typer.echo(line, err=True)
            if not lines:
                typer.echo(f"{name}: whole")
    if any(problems.values()):
        raise typer.Exit(1)


def _needs(config: Config, store: Store, ids: Sequence[str]) -> tuple[Need, ...]:
    from heisenberg.store.needs import Need, needs_of, with_required

    if not ids:
        return needs_of(config, store.catalogue)
    entries = [store.catalogue.get(name) for name in ids]
    return with_required([Need(entry.role, (entry,)) for entry in entries], store.catalogue)


def _installed(store: Store, ids: Sequence[str]) -> list[Entry]:
    """The models to verify. Raises ``ModelMissing`` when there is nothing to hash."""
    from heisenberg.core.errors import ModelMissing
    from heisenberg.store.store import Presence

    wanted = [store.catalogue.get(name) for name in ids] or store.catalogue.models
    here = [entry for entry in wanted if store.presence(entry) is not Presence.ABSENT]
    absent = [name for name in ids if name not in {entry.id for entry in here}]
    if absent or not here:
        raise ModelMissing(
            f"Not installed in {store.directory}: {', '.join(absent) or 'any model'}.",
            f"'{' '.join(['heisenberg models pull', *absent])}' fetches what is missing.",
        )
    return here


def _problems(store: Store, entry: Entry) -> list[str]:
    """One line for each file that is not as it should be."""
    from heisenberg.core.errors import ModelError

    lines = []
    for file in entry.files:
        try:
            store.check(entry, file, thorough=True)
        except ModelError as exc:
            lines.append(str(exc))
    return lines


def _row(store: Store, entry: Entry, used: set[str]) -> dict[str, Any]:
    return {
        "id": entry.id,
        "role": entry.role,
        "name": entry.name,
        "description": entry.description,
        "size_bytes": entry.size,
        "memory_mb": entry.memory_mb,
        "context_tokens": entry.context_tokens,
        "languages": list(entry.languages),
        "licence": entry.licence,
        "licence_note": entry.licence_note,
        "presence": store.presence(entry).value,
        "used": entry.id in used,
    }


def _print_table(store: Store, rows: Sequence[dict[str, Any]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from heisenberg.store.space import readable

    titles = ("", "id", "role", "size", "languages", "licence", "here")
    table = Table(*titles, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for column in table.columns[:4]:
        column.no_wrap = True
    marks = {"installed": "yes", "incomplete": "in part", "absent": ""}
    notes: list[str] = []
    for row in rows:
        licence, note = row["licence"], row["licence_note"]
        if note and note not in notes:
            notes.append(note)
        table.add_row(
            "*" if row["used"] else "",
            row["id"],
            row["role"],
            readable(row["size_bytes"]),
            _languages(row["languages"]),
            f"{licence} ({notes.index(note) + 1})" if note else licence,
            marks[row["presence"]],
        )
    Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False).print(table)
    for number, note in enumerate(notes, 1):
        typer.echo(f" ({number}) {note}")
    typer.echo(f" * used with these settings. Models are kept in {store.directory}.")


def _languages(codes: Sequence[str]) -> str:
    return "many" if "*" in codes or len(codes) > _FEW else " ".join(codes)


def _outcome(outcome: Pulled) -> dict[str, Any]:
    entry = outcome.entry
    return {
        "role": outcome.need.role,
        "id": entry.id if entry else None,
        "fetched": bool(outcome.origins),
        "origins": list(outcome.origins),
        "licence": entry.licence if entry else None,
        "licence_note": entry.licence_note if entry else None,
        "skipped": [{"id": other.id, "reason": str(why)} for other, why in outcome.skipped],
    }


def _print_outcomes(store: Store, outcomes: Sequence[Pulled]) -> None:
    from heisenberg.store.fetch import WHEELS
    from heisenberg.store.pull import reasons_of

    for outcome in outcomes:
        entry = outcome.entry
        if entry is None:
            continue
        if not outcome.origins:
            how = "already here"
        elif outcome.origins == (WHEELS,):
            how = "fetched as wheels"
        else:
            how = f"fetched from {', '.join(outcome.origins)}"
        note = f" ({entry.licence_note})" if entry.licence_note else ""
        chose = "chose " if outcome.skipped else ""
        role = _ROLES[outcome.need.role]
        typer.echo(f"{role}: {chose}{entry.name}, {how}. Licence: {entry.licence}{note}.")
        if outcome.skipped:
            typer.echo(f"  preferred, but not available: {reasons_of(outcome)}")
    typer.echo(f"Models are kept in {store.directory}.")
