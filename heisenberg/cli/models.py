"""``heisenberg models``: what can be fetched, what is here, and whether it is whole."""

from __future__ import annotations

import json
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

EXIT_INTERRUPTED: Final = 130

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
    """Fetch what is missing or damaged. Every file is checked; what is here stays."""
    from heisenberg.cli.fetching import watching
    from heisenberg.store.pull import failure
    from heisenberg.store.pull import pull as pull_models
    from heisenberg.store.store import Store

    loaded = _with(load_config(config, settings), profile, language)
    store = Store.open(loaded)
    needs = _needs(loaded, store, ids)
    try:
        with watching() as progress:
            outcomes = pull_models(store, needs, progress)
    except KeyboardInterrupt as exc:
        typer.echo("Stopped. The same command goes on from here.", err=True)
        raise typer.Exit(EXIT_INTERRUPTED) from exc
    if as_json:
        document = {
            "store": str(store.directory),
            "models": [_outcome(outcome) for outcome in outcomes],
        }
        typer.echo(json.dumps(document, indent=1))
    else:
        _print_outcomes(store, outcomes)
    error = failure(outcomes)
    if error:
        raise error


@app.command()
def verify(
    ids: Annotated[
        list[str] | None, typer.Argument(help="Models to check; without any, all that are here.")
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> None:
    """Hash every installed file and compare it with the catalogue."""
    from heisenberg.core.errors import ModelError, ModelMissing
    from heisenberg.store.store import Presence, Store

    store = Store.open(load_config(config, settings))
    entries = [store.catalogue.get(name) for name in ids or ()] or [
        entry for entry in store.catalogue.models if store.presence(entry) is not Presence.ABSENT
    ]
    absent = [entry.id for entry in entries if store.presence(entry) is Presence.ABSENT]
    if absent or not entries:
        what = ", ".join(absent) or "No model"
        raise ModelMissing(
            f"{what} {'are' if len(absent) > 1 else 'is'} installed in {store.directory}."
            if not absent
            else f"Not installed in {store.directory}: {what}.",
            f"'heisenberg models pull {' '.join(absent)}'".replace(" '", "'") + " fetches it.",
        )
    bad: list[dict[str, str]] = []
    for entry in entries:
        errors: list[ModelError] = []
        for file in entry.files:
            try:
                store.check(entry, file, thorough=True)
            except ModelError as exc:
                errors.append(exc)
                bad.append({"id": entry.id, "file": file.name, "problem": str(exc)})
        if not as_json:
            for error in errors:
                typer.echo(str(error), err=True)
            if not errors:
                typer.echo(f"{entry.id}: whole")
    if as_json:
        whole = [entry.id for entry in entries if entry.id not in {one["id"] for one in bad}]
        typer.echo(json.dumps({"store": str(store.directory), "whole": whole, "bad": bad}))
    if bad:
        raise typer.Exit(1)
