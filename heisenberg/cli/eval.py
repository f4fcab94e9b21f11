"""``heisenberg eval``: language models asked the same questions, side by side."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, load_config

if TYPE_CHECKING:
    from heisenberg.bench.llm.evaluation_process import Task
    from heisenberg.bench.llm.evaluation_report import ModelReport, Outcome

_WIDE: Final = 160
"""Columns of the table where there is no terminal to fit it to."""

_TITLES: Final = {"all": "right answers", "en": "English", "fr": "French"}

SetOrSettingOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="FILE.toml|SECTION.KEY=VALUE",
        help="Ask the questions in FILE.toml, once at most; or, where there is a '=', change one "
        "setting; repeatable.",
    ),
]


def evaluate(
    models: Annotated[
        str | None,
        typer.Option(
            metavar="ID,ID",
            help="The models to ask, as 'heisenberg models list' has them, or GGUF files; "
            "without it, the configured one.",
        ),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Draw what was found.")
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    sets_and_settings: SetOrSettingOption = None,
) -> int:
    """Ask language models everyday questions, and tell how many answers are right.

    Each model has a process of its own, which tells how much memory it adds. The answers are the
    same every time, since llm.seed is 1 unless you set it.
    """
    from heisenberg.bench.llm.evaluation_process import Task
    from heisenberg.bench.llm.questions import load_questions
    from heisenberg.core import lifecycle
    from heisenberg.core.files import check_writable

    file, settings = _split(sets_and_settings or ())
    configured = load_config(config, settings).llm.model
    load_questions(file)
    if picture is not None:
        check_writable(picture)
    named = {name: name for name in _names(models)} if models is not None else {configured: None}
    tasks = {title: Task(name, file, config, tuple(settings)) for title, name in named.items()}
    return lifecycle.run(_evaluate(tasks, file, picture, as_json=as_json))


async def _evaluate(
    tasks: dict[str, Task], file: Path, picture: Path | None, *, as_json: bool
) -> int:
    import asyncio

    from heisenberg.bench.llm.evaluation_process import evaluate_apart
    from heisenberg.bench.llm.evaluation_report import ModelFailure, ModelReport

    outcomes: list[Outcome] = []
    for name, task in tasks.items():
        print(f"{name}:", file=sys.stderr, flush=True)
        outcomes.append(await evaluate_apart(task, name))
    reports = [one for one in outcomes if isinstance(one, ModelReport)]
    failures = [one for one in outcomes if isinstance(one, ModelFailure)]
    if as_json:
        typer.echo(json.dumps(_document(outcomes, file), ensure_ascii=False))
    elif reports:
        _print_table(reports)
    if picture is not None and reports:
        await asyncio.to_thread(_draw, reports, picture)
    for failure in failures:
        print(f"heisenberg: {failure.model}: {failure.message}", file=sys.stderr)
        if failure.hint:
            print(f"  {failure.hint}", file=sys.stderr)
    return max((failure.exit_code for failure in failures), default=0)


def _split(values: Sequence[str]) -> tuple[Path, list[str]]:
    """The question set, and the settings. Raises ``InputError`` for two sets."""
    from heisenberg.core.errors import InputError
    from heisenberg.core.resources import question_set

    files = [value for value in values if value.endswith(".toml") and "=" not in value]
    if len(files) > 1:
        raise InputError(f"There are two question sets: {', '.join(files)}.", "Name one of them.")
    file = Path(files[0]) if files else question_set()
    return file, [value for value in values if value not in files]


def _names(text: str) -> list[str]:
    """The models that are named, each once. Raises ``InputError`` when there is none."""
    from heisenberg.core.errors import InputError

    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise InputError(
            f"'{text}' names no model somewhere.", "Write --models a,b, or leave it out."
        )
    return list(dict.fromkeys(names))


def _document(outcomes: Sequence[Outcome], file: Path) -> dict[str, Any]:
    return {"set": str(file), "models": [outcome.as_dict() for outcome in outcomes]}


def _draw(reports: Sequence[ModelReport], picture: Path) -> None:
    from heisenberg.bench.tables.evaluation_picture import evaluation_picture
    from heisenberg.core.files import replace_file

    with replace_file(picture) as out:
        out.write(evaluation_picture(reports).encode())


def _print_table(reports: Sequence[ModelReport]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table("", *(report.model for report in reports), box=box.SIMPLE_HEAD, show_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    scores = [report.scores() for report in reports]
    for group in scores[0]:
        found = [one[group] for one in scores]
        table.add_row(
            _TITLES.get(group, group), *(f"{score}  {score.share:4.0%}" for score in found)
        )
    table.add_section()
    table.add_row(
        "first token, median", *(_shown(one.first_token_s, ".3f", "s") for one in reports)
    )
    table.add_row("tokens a second", *(_shown(one.tokens_s, ".1f") for one in reports))
    table.add_row("memory it adds", *(_shown(one.memory_mb, ".0f", "MB") for one in reports))
    Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False).print(table)


def _shown(value: float | None, form: str, unit: str = "") -> str:
    return "" if value is None else f"{value:{form}} {unit}".rstrip()
