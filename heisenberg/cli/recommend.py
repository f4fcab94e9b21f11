"""``heisenberg models recommend``: the language models, as they would do on this machine."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, load_config

if TYPE_CHECKING:
    from collections.abc import Sequence

    from heisenberg.machine.inventory import Machine
    from heisenberg.store.selection import Judged
    from heisenberg.store.store import Store

_WIDE = 140
"""Columns of the table where there is no terminal to fit it to."""


def recommend(
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> None:
    """Which language model suits this machine, and why others don't."""
    from heisenberg.machine.inventory import Machine
    from heisenberg.store.selection import judge, recommended
    from heisenberg.store.store import Store

    settled = load_config(config, settings)
    store = Store.open(settled)
    machine = Machine.look()
    judged = judge(store.catalogue, machine, settled.languages)
    chosen = recommended(judged)
    if as_json:
        typer.echo(json.dumps(_document(store, machine, judged, chosen), ensure_ascii=False))
        return
    typer.echo(f"This machine: {machine.describe()}.")
    _print_table(store, judged, chosen)
    typer.echo(
        f"{chosen.entry.name} ({chosen.entry.id}) is the best that suits it. "
        f"'heisenberg models pull {chosen.entry.id}' fetches it; llm.model = \"{chosen.entry.id}\" "
        "uses it."
    )


def _document(
    store: Store, machine: Machine, judged: Sequence[Judged], chosen: Judged
) -> dict[str, object]:
    import dataclasses

    return {
        "machine": dataclasses.asdict(machine),
        "recommended": chosen.entry.id,
        "models": [
            {
                "id": one.entry.id,
                "memory_mb": one.entry.memory_mb,
                "tokens_s": round(one.tokens_s, 1),
                "suits": not one.against,
                "against": one.against,
                "presence": store.presence(one.entry).value,
                "licence": one.entry.licence,
            }
            for one in judged
        ],
    }


def _print_table(store: Store, judged: Sequence[Judged], chosen: Judged) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from heisenberg.store.space import readable

    titles = ("", "id", "size", "memory", "tokens/s, about", "licence", "here", "against it")
    table = Table(*titles, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for one in judged:
        table.add_row(
            "*" if one is chosen else "",
            one.entry.id,
            readable(one.entry.size),
            f"{one.entry.memory_mb} MB",
            f"{one.tokens_s:.0f}",
            one.entry.licence,
            "yes" if store.presence(one.entry).value == "installed" else "",
            one.against,
        )
    Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False).print(table)
