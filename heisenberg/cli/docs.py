"""``heisenberg docs``: the documents that questions are answered from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, load_config

if TYPE_CHECKING:
    from heisenberg.core.config import Config
    from heisenberg.knowledge.base import Hit
    from heisenberg.knowledge.updating import Problem, Update

app = typer.Typer(help="Your documents, from which questions are answered.", no_args_is_help=True)

_MOST_NAMED: Final = 3
"""Files that are named of those with the same problem."""
_SHOWN: Final = 300
"""Characters of a passage."""


@app.command()
def add(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Files and folders; without any, those that were added before."),
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Read documents into the index. Interrupted, the same command goes on."""
    from heisenberg.core import lifecycle

    return lifecycle.run(_add(load_config(config, settings), paths or (), as_json=as_json))


@app.command("list")
def list_documents(
    as_json: JsonOption = False, config: ConfigOption = None, settings: SetOption = None
) -> int:
    """Show which documents are in the index."""
    from heisenberg.core import lifecycle

    return lifecycle.run(_list(load_config(config, settings), as_json=as_json))


@app.command()
def search(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    limit: Annotated[int, typer.Option(min=1, max=50, help="How many passages at most.")] = 5,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Show the passages that have to do with a question."""
    from heisenberg.core import lifecycle

    loaded = load_config(config, settings)
    return lifecycle.run(_search(loaded, question, limit, as_json=as_json))


@app.command()
def remove(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.")],
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Take documents out of the index; the files themselves stay."""
    from heisenberg.core import lifecycle

    return lifecycle.run(_remove(load_config(config, settings), paths, as_json=as_json))


@app.command()
def watch(config: ConfigOption = None, settings: SetOption = None) -> int:
    """Keep the index up to date while documents change, until Ctrl-C."""
    from heisenberg.core import lifecycle

    return lifecycle.run(_watch(load_config(config, settings)))


async def _add(config: Config, paths: Sequence[Path], *, as_json: bool) -> int:
    from heisenberg.cli.indexing import watching
    from heisenberg.core.lifecycle import Stages
    from heisenberg.loading.knowledge import open_library

    async with Stages() as stages:
        library = await stages.start("documents", open_library(config))
        with watching() as show:
            update = await (library.add(paths, show) if paths else library.refresh(None, show))
    named = {str(path.expanduser().resolve()) for path in paths}
    if as_json:
        typer.echo(json.dumps(_as_dict(update), ensure_ascii=False))
    else:
        for line in problem_lines(update.problems):
            typer.echo(line, err=True)
        typer.echo(summary(update))
    return int(any(problem.path in named for problem in update.problems))


async def _list(config: Config, *, as_json: bool) -> int:
    from heisenberg.core.lifecycle import Stages
    from heisenberg.loading.knowledge import open_library

    async with Stages() as stages:
        library = await stages.start("documents", open_library(config))
        documents = await library.documents()
    if as_json:
        rows = [
            {
                "file": one.path,
                "added_as": one.root,
                "passages": one.passages,
                "away": one.is_away,
            }
            for one in documents
        ]
        typer.echo(json.dumps({"documents": rows}, ensure_ascii=False))
        return 0
    for one in documents:
        typer.echo(f"{'away' if one.is_away else one.passages:>6}  {one.path}")
    documents = [one for one in documents if not one.is_away]
    passages = sum(one.passages for one in documents)
    typer.echo(f"{len(documents)} documents, {passages} passages.")
    if any(not one.digest for one in documents):
        typer.echo("They must be read again: 'heisenberg docs add' does it.", err=True)
    return 0


async def _search(config: Config, question: str, limit: int, *, as_json: bool) -> int:
    from heisenberg.core.lifecycle import Stages
    from heisenberg.loading.knowledge import open_library

    async with Stages() as stages:
        library = await stages.start("documents", open_library(config))
        hits = await library.search(question, limit)
    if as_json:
        found = [
            {
                "file": hit.passage.file,
                "heading": hit.passage.heading,
                "line": hit.passage.line,
                "score": round(hit.score, 3),
                "text": hit.passage.text,
            }
            for hit in hits
        ]
        typer.echo(json.dumps({"question": question, "hits": found}, ensure_ascii=False))
        return 0
    for hit in hits:
        _show(hit)
    if not hits:
        typer.echo("Nothing in your documents is near that.")
    return 0


async def _remove(config: Config, paths: Sequence[Path], *, as_json: bool) -> int:
    from heisenberg.core.lifecycle import Stages
    from heisenberg.loading.knowledge import open_library

    async with Stages() as stages:
        library = await stages.start("documents", open_library(config))
        gone = await library.remove(paths)
        left = {document.root for document in await library.documents()}
    if as_json:
        typer.echo(json.dumps({"removed": [one.path for one in gone]}, ensure_ascii=False))
        return 0
    typer.echo(f"Removed {len(gone)} documents from the index.")
    for root in sorted(left & {document.root for document in gone}):
        typer.echo(
            f"  They come back with the next update of {root}, unless .heisenbergignore there "
            "names them.",
            err=True,
        )
    return 0


async def _watch(config: Config) -> int:
    from heisenberg.core.lifecycle import Stages
    from heisenberg.knowledge.watch import watch as keep_up_to_date
    from heisenberg.loading.knowledge import open_library

    def show(update: Update) -> None:
        for line in problem_lines(update.problems):
            typer.echo(line, err=True)
        typer.echo(summary(update))

    async with Stages() as stages:
        library = await stages.start("documents", open_library(config))
        typer.echo("Watching your documents. Ctrl-C ends it.", err=True)
        await keep_up_to_date(library, show)
    return 0


def summary(update: Update) -> str:
    """What an update did, in one line."""
    counts = [
        (update.added, "new"),
        (update.changed, "changed"),
        (update.unchanged, "unchanged"),
        (update.removed, "gone"),
    ]
    said = ", ".join(f"{count} {word}" for count, word in counts if count) or "none"
    return f"Documents: {said}. {update.passages} passages were read."


def problem_lines(problems: Sequence[Problem]) -> list[str]:
    """One line for each file that could not be read; for many with the same reason, one line."""
    by_reason: dict[str, list[str]] = {}
    for problem in problems:
        by_reason.setdefault(problem.reason, []).append(problem.path)
    lines = []
    for reason, paths in by_reason.items():
        if len(paths) <= _MOST_NAMED:
            lines += [f"Left out: {path}: {reason}." for path in paths]
        else:
            named = ", ".join(paths[:_MOST_NAMED])
            lines.append(f"Left out: {named} and {len(paths) - _MOST_NAMED} more: {reason}.")
    return lines


def _as_dict(update: Update) -> dict[str, object]:
    return {
        "added": update.added,
        "changed": update.changed,
        "unchanged": update.unchanged,
        "removed": update.removed,
        "passages": update.passages,
        "problems": [{"file": one.path, "reason": one.reason} for one in update.problems],
    }


def _show(hit: Hit) -> None:
    passage = hit.passage
    heading = f"  {passage.heading}" if passage.heading else ""
    typer.echo(f"{hit.score:4.2f}  {passage.file}:{passage.line}{heading}")
    text = " ".join(passage.text.split())
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN].rsplit(' ', 1)[0]} …"
    typer.echo(f"      {shown}\n")
